#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace inlier {

/// A cell, and how far a row is from it: the squared distance less the squared length of the row,
/// which is the same for all cells.
struct NearCell {
  std::int32_t distance = std::numeric_limits<std::int32_t>::max();
  std::int32_t cell = -1;
};

/// Some centroids, laid out so that each SIMD lane is a cell. Everything is a whole number: values
/// are within ±kMaxCellValue, so that sums of 64 products fit into 32 bits, and the nearest cells
/// are the same on every machine.
class CellBlock {
 public:
  /// `centroids`: n × dims, dims even; they are the cells `first` to `first` + n − 1.
  CellBlock(std::span<const std::int16_t> centroids, std::size_t dims, std::int32_t first);

  /// Puts those cells of this block that are nearer into the sorted list of the `probes` nearest
  /// cells of each row. Of cells that are equally near, the one with the lower number comes first.
  /// `rows`: dims values each; `best`: `probes` entries each.
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
