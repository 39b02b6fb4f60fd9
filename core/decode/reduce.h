#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/decode/row_sink.h"

namespace inlier {

/// Reduces the rows of a picture by a whole number in both directions while they arrive: each pixel
/// becomes the mean of a box of `factor` × `factor`; the boxes at the right and lower edges may be
/// smaller. Where there is alpha, the colours are weighted by it, since a clear pixel has none.
class RowReducer {
 public:
  /// `layout.width_px` × `layout.height_px` become these, rounded up.
  RowReducer(const RowLayout& layout, int factor);
  int width_px() const { return width_px_; }
  int height_px() const { return height_px_; }

  /// Takes the next row. True when a row of the result is complete; `row()` has it then, in the
  /// layout's samples.
  bool Add(const std::uint8_t* samples);
  const std::uint8_t* row() const { return row_.data(); }

 private:
  template <class T>
  void Accumulate(const T* samples);
  template <class T>
  void Emit();

  int factor_, channels_, bits_;
  bool has_alpha_;
  int from_width_px_, from_height_px_;
  int width_px_, height_px_;
  int rows_ = 0;                         // in the boxes at hand
  int taken_ = 0;                        // in all
  std::vector<std::uint32_t> sums_;      // of each column's samples, down the box
  std::vector<std::uint64_t> weighted_;  // the same for colours times alpha
  std::vector<std::uint8_t> row_;
};

}  // namespace inlier
