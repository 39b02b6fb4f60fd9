#pragma once

#include <cstdint>
#include <span>

#include "inlier/features.h"

namespace inlier {

/// All of an image, as a box.
Box WholeImage(const Image& image);

/// How many features an image has, local and global ones: without any, no photo can find it.
std::uint32_t CountAll(const Features& features);

/// Quantises an embedding to bytes. The value of the largest magnitude becomes 127, so that the
/// whole range of a byte is used. Writes one byte to `out` for each value.
void QuantiseDirection(std::span<const float> values, std::uint8_t* out);

/// Scales the values that the bytes stand for to unit length, and writes them to `out`. A row that
/// is 128 throughout gives zeros.
void UnitDirection(std::span<const std::uint8_t> row, float* out);

}  // namespace inlier
