#include "index/cell_space.h"

#include <algorithm>
#include <cmath>

#include <cblas.h>

#include "index/blas_turn.h"
#include "index/cell_block.h"

namespace inlier {

int RowValues(DescriptorKind kind, int row_bytes) {
  return kind == DescriptorKind::kBytes ? row_bytes : row_bytes * 8;
}

std::vector<float> ToValues(std::span<const std::uint8_t> rows, DescriptorKind kind) {
  if (kind == DescriptorKind::kBytes) return {rows.begin(), rows.end()};
  std::vector<float> bits(rows.size() * 8);
  for (std::size_t i = 0; i < bits.size(); ++i)
    bits[i] = static_cast<float>(rows[i / 8] >> i % 8 & 1);
  return bits;
}

// The projection is scaled at training, so few values of any row are cut off here.
std::int16_t ToCellValue(float value) {
  return static_cast<std::int16_t>(
      std::lround(std::clamp(value, -float{kMaxCellValue}, float{kMaxCellValue})));
}

std::vector<std::int16_t> ToCellValues(const std::vector<float>& values) {
  std::vector<std::int16_t> out(values.size());
  std::transform(values.begin(), values.end(), out.begin(), ToCellValue);
  return out;
}

void Multiply(const float* rows, std::size_t n, const float* columns, std::size_t m, int dims,
              float* out) {
  const BlasTurn turn;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(n), static_cast<int>(m),
              dims, 1.0f, rows, dims, columns, dims, 0.0f, out, static_cast<int>(m));
}

void Project(const std::vector<float>& projection, std::span<const std::uint8_t> rows,
             DescriptorKind kind, int row_bytes, std::int16_t* out) {
  const std::vector<float> values = ToValues(rows, kind);
  const std::size_t n = rows.size() / static_cast<std::size_t>(row_bytes);
  std::vector<float> projected(n * kCellDims);
  Multiply(values.data(), n, projection.data(), kCellDims, RowValues(kind, row_bytes),
           projected.data());
  std::transform(projected.begin(), projected.end(), out, ToCellValue);
}

}  // namespace inlier
