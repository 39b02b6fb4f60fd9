#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/features.h"

namespace inlier {

/// Dimensions of the space of the cells, and bits of an embedded code.
inline constexpr int kCellDims = 64;

/// The values of descriptors: a byte row has as many as bytes, a row of bits as many as bits, each
/// 0 or 1.
int RowValues(DescriptorKind kind, int row_bytes);
std::vector<float> ToValues(std::span<const std::uint8_t> rows, DescriptorKind kind);

/// Coordinates in the space of the cells are whole numbers within ±kMaxCellValue; others are cut
/// off.
std::int16_t ToCellValue(float value);
std::vector<std::int16_t> ToCellValues(const std::vector<float>& values);

/// rows · columnsᵀ: n × m from n × dims and m × dims.
void Multiply(const float* rows, std::size_t n, const float* columns, std::size_t m, int dims,
              float* out);

/// Takes descriptors into the space of the cells by a linear map. `projection`: kCellDims × values
/// of a row. `out`: kCellDims numbers for each row.
void Project(const std::vector<float>& projection, std::span<const std::uint8_t> rows,
             DescriptorKind kind, int row_bytes, std::int16_t* out);

}  // namespace inlier
