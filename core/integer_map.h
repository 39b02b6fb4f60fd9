#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace inlier {

/// A linear map of rows of bytes that is the same on every processor, since all of it is whole
/// numbers: out_i = Σ_j matrix_ij · row_j. SIMD by Highway.
class IntegerMap {
 public:
  /// `matrix`: outputs × inputs, row by row. The magnitudes of a row add up to kMaxMagnitude at
  /// most, so that no sum leaves 32 bits.
  IntegerMap(std::span<const std::int16_t> matrix, std::size_t inputs);

  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return outputs_; }
  /// `row`: inputs() bytes. `out`: outputs() sums.
  void Apply(const std::uint8_t* row, std::int32_t* out) const;

  static constexpr std::int64_t kMaxMagnitude = 0x7FFFFFFF / 255;

 private:
  std::size_t inputs_, outputs_;
  std::size_t padded_;                 // outputs, to whole vectors of the widest target
  std::vector<std::int32_t> columns_;  // inputs / 2, rounded up, × padded: two values of an output
};

}  // namespace inlier
