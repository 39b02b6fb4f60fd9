#include "extractor/integral_image.h"

#include <algorithm>

namespace inlier {

namespace {

constexpr std::size_t kVector = 64;  // numbers in the widest vector that Highway knows

}  // namespace

void IntegralImage::Assign(const Image& grey) {
  width_px_ = grey.width_px;
  height_px_ = grey.height_px;
  stride_ = (static_cast<std::size_t>(grey.width_px) + 1 + kVector) / 16 * 16 + 16;
  // Rows that are a multiple of 4 KiB apart would share cache sets.
  if (stride_ % 1024 == 0) stride_ += 16;
  const std::size_t rows = static_cast<std::size_t>(height_px_) + 1;
  if (capacity_ < stride_ * rows) {
    capacity_ = stride_ * rows;
    sums_ = hwy::AllocateAligned<std::uint32_t>(capacity_);
  }
  std::fill_n(sums_.get(), stride_, 0u);
  const auto width = static_cast<std::size_t>(width_px_);
  for (std::size_t y = 1; y < rows; ++y) {
    const std::uint8_t* pixels = grey.pixels.data() + (y - 1) * width;
    const std::uint32_t* above = sums_.get() + (y - 1) * stride_;
    std::uint32_t* out = sums_.get() + y * stride_;
    out[0] = 0;
    std::uint32_t sum = 0;
    for (std::size_t x = 0; x < width; ++x) {
      sum += pixels[x];
      out[x + 1] = above[x + 1] + sum;
    }
    std::fill(out + width + 1, out + stride_, 0u);
  }
}

}  // namespace inlier
