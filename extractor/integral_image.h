#pragma once

#include <cstddef>
#include <cstdint>

#include <hwy/aligned_allocator.h>

#include "core/image.h"

namespace inlier {

/// The sum of all pixels above and to the left of each pixel corner: Viola and Jones, CVPR 2001. It
/// takes four look-ups to sum any upright box of pixels. Corner (x, y) is the top left one of pixel
/// (x, y).
///
/// Sums are kept modulo 2^32. Those of an image with more than 16.8 million white pixels do not
/// fit, but the sum of a box is right as long as it fits itself, since differences are modulo 2^32
/// too.
class IntegralImage {
 public:
  IntegralImage() = default;
  explicit IntegralImage(const Image& grey) { Assign(grey); }
  /// Sums another image. The memory is kept when it is large enough.
  void Assign(const Image& grey);

  int width_px() const { return width_px_; }
  int height_px() const { return height_px_; }
  /// Numbers from one row of corners to the next. Rows begin at cache lines and are padded, so that
  /// kernels may load a whole vector from any corner on.
  std::size_t stride() const { return stride_; }
  /// The size of the memory that is kept.
  std::size_t bytes() const { return capacity_ * sizeof(std::uint32_t); }
  /// The width_px + 1 corners of row y, from 0 to height_px.
  const std::uint32_t* row(int y) const {
    return sums_.get() + static_cast<std::size_t>(y) * stride_;
  }
  /// The sum of the pixels in the columns [left, right) and rows [top, bottom).
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
