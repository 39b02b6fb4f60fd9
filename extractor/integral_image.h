#pragma once

#include <cstddef>
#include <cstdint>

#include <hwy/aligned_allocator.h>

#include "core/image.h"

namespace inlier {

/// Sums of all pixels above and left of a pixel corner: Viola and Jones, CVPR 2001. Any upright box
/// of pixels is then summed by four look-ups. Corner (x, y) is the top left of pixel (x, y).
///
/// Sums are kept modulo 2^32. An image above 16.8 million white pixels passes that, but a box comes
/// out right as long as its own sum fits, since the differences are taken modulo 2^32 too.
class IntegralImage {
 public:
  IntegralImage() = default;
  explicit IntegralImage(const Image& grey) { Assign(grey); }
  /// Keeps the memory it has when that is enough.
  void Assign(const Image& grey);

  int width_px() const { return width_px_; }
  int height_px() const { return height_px_; }
  /// From one row of corners to the next. Rows begin at cache lines and are padded, so that kernels
  /// may load whole vectors that begin at any corner.
  std::size_t stride() const { return stride_; }
  /// Of the memory that is held.
  std::size_t bytes() const { return capacity_ * sizeof(std::uint32_t); }
  /// width_px + 1 corners; y from 0 to height_px.
  const std::uint32_t* row(int y) const {
    return sums_.get() + static_cast<std::size_t>(y) * stride_;
  }
  /// Sum of the pixels of columns [left, right) in rows [top, bottom).
  std::uint32_t Sum(int left, int top, int right, int bottom) const {
    return row(bottom)[right] - row(bottom)[left] - row(top)[right] + row(top)[left];
  }

 private:
  int width_px_ = 0;
  int height_px_ = 0;
  std::size_t stride_ = 0;
  std::size_t capacity_ = 0;
  hwy::AlignedFreeUniquePtr<std::uint32_t[]> sums_;
};

}  // namespace inlier
