#pragma once

#include <cstddef>
#include <cstdint>

namespace inlier {

/// Rows of directions are padded with zeros to a multiple of this.
inline constexpr std::size_t kDirectionPadding = 32;

/// The products of one row with `count` others, of `bytes` numbers each, as exact whole numbers: up
/// to 65,535 numbers of a byte fit. `bytes` is a multiple of kDirectionPadding; the others lie
/// behind each other.
void DirectionProducts(const std::int8_t* row, const std::int16_t* others, std::size_t count,
                       std::size_t bytes, std::int32_t* products);

}  // namespace inlier
