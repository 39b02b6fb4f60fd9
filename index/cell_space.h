#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/integer_map.h"

namespace inlier {

/// Dimensions of the space of the cells, and bits of an embedded code.
inline constexpr int kCellDims = 64;

/// The values of descriptors: a byte row has as many as bytes, a row of bits as many as bits, each
/// 0 or 1.
int RowValues(DescriptorKind kind, int row_bytes);
std::vector<std::uint8_t> ToValues(std::span<const std::uint8_t> rows, DescriptorKind kind);

/// Coordinates in the space of the cells are whole numbers within ±kMaxCellValue; others are cut
/// off.
std::int16_t ToCellValue(std::int64_t value);

/// The linear map from the values x of a descriptor into the space of the cells, in whole numbers:
/// (matrix · x − offsets) / 2^shift, rounded.
struct CellProjection {
  std::vector<std::int16_t> matrix;   // kCellDims × values
  std::vector<std::int32_t> offsets;  // kCellDims
  std::uint32_t shift = 0;            // 31 at most
};

/// Takes descriptors into the space of the cells. `sums` is the map of the projection's matrix.
/// `out`: kCellDims numbers for each row.
void Project(const CellProjection& projection, const IntegerMap& sums,
             std::span<const std::uint8_t> rows, DescriptorKind kind, std::int16_t* out);

}  // namespace inlier
