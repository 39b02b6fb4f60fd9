#include "index/cell_space.h"

#include <algorithm>
#include <array>

#include "index/cell_block.h"

namespace inlier {

int RowValues(DescriptorKind kind, int row_bytes) {
  return kind == DescriptorKind::kBytes ? row_bytes : row_bytes * 8;
}

std::vector<std::uint8_t> ToValues(std::span<const std::uint8_t> rows, DescriptorKind kind) {
  if (kind == DescriptorKind::kBytes) return {rows.begin(), rows.end()};
  std::vector<std::uint8_t> bits(rows.size() * 8);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = rows[i / 8] >> i % 8 & 1;
  return bits;
}

// The projection is scaled at training, so few values of any row are cut off here.
std::int16_t ToCellValue(std::int64_t value) {
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, -kMaxCellValue, kMaxCellValue));
}

void Project(const CellProjection& projection, const IntegerMap& sums,
             std::span<const std::uint8_t> rows, DescriptorKind kind, std::int16_t* out) {
  const std::vector<std::uint8_t> values = ToValues(rows, kind);
  const std::int64_t half = projection.shift > 0 ? std::int64_t{1} << (projection.shift - 1) : 0;
  std::array<std::int32_t, kCellDims> row{};
  for (std::size_t begin = 0; begin < values.size(); begin += sums.inputs()) {
    sums.Apply(&values[begin], row.data());
    for (std::size_t i = 0; i < row.size(); ++i, ++out)
      *out = ToCellValue((std::int64_t{row[i]} - projection.offsets[i] + half) >> projection.shift);
  }
}

}  // namespace inlier
