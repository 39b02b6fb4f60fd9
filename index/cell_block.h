#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace inlier {

/// A cell and how far a row is from it: the squared distance less the row's own squared length.
struct NearCell {
  std::int32_t distance = std::numeric_limits<std::int32_t>::max();
  std::int32_t cell = -1;
};

/// Some centroids, laid out so that a SIMD lane is a cell. Values are within ±kMaxCellValue, so
/// that sums of kCellDims products stay within 32 bits: integers throughout, the same cells on
/// every machine.
class CellBlock {
 public:
  /// `centroids`: n × dims, dims even; they are the cells `first` to `first` + n − 1.
  CellBlock(std::span<const std::int16_t> centroids, std::size_t dims, std::int32_t first);

  /// For each of the rows (dims values each) betters its `probes` nearest cells, which are sorted,
  /// by those of this block. A cell as near as one that is there comes behind it.
  void Nearest(std::span<const std::int16_t* const> rows, std::size_t probes,
               std::span<NearCell* const> best) const;

  std::size_t size() const { return count_; }

 private:
  std::size_t dims_, count_, padded_;
  std::int32_t first_;
  std::vector<std::int32_t> columns_;  // dims / 2 × padded: two values of a cell
  std::vector<std::int32_t> norms_;    // padded: squared lengths
};

inline constexpr int kMaxCellValue = 2047;

}  // namespace inlier
