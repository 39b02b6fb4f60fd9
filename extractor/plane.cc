#include "extractor/plane.h"

#include <algorithm>

namespace inlier {

namespace {

constexpr std::size_t kRoom = 64;  // 16-bit pixels in two vectors of the widest kind

}  // namespace

void Plane::Resize(int width_px, int height_px) {
  width = width_px;
  height = height_px;
  // An odd number of cache lines, since rows that are a multiple of 4 KiB apart share cache sets.
  const std::size_t lines = (static_cast<std::size_t>(width_px) + kRoom + 31) / 32;
  stride = (lines | 1) * 32;
  const std::size_t size = stride * static_cast<std::size_t>(height_px) + kRoom;
  if (data.size() < size) data.resize(size);
}

void FromGrey(const Image& grey, Plane& out) {
  out.Resize(grey.width_px, grey.height_px);
  for (int y = 0; y < out.height; ++y) {
    const std::uint8_t* from =
        grey.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width);
    std::uint16_t* to = out.row(y);
    for (int x = 0; x < out.width; ++x) to[x] = static_cast<std::uint16_t>(from[x] << 8);
  }
}

void FromGreyDoubled(const Image& grey, Plane& out) {
  const int width = grey.width_px;
  out.Resize(2 * width, 2 * grey.height_px);
  std::vector<std::uint16_t> blend(static_cast<std::size_t>(width) + 2);
  for (int y = 0; y < out.height; ++y) {
    const int near = y / 2, far = std::clamp(near + (y % 2 ? 1 : -1), 0, grey.height_px - 1);
    const std::uint8_t* a =
        grey.pixels.data() + static_cast<std::size_t>(near) * static_cast<std::size_t>(width);
    const std::uint8_t* b =
        grey.pixels.data() + static_cast<std::size_t>(far) * static_cast<std::size_t>(width);
    std::uint16_t* column = blend.data() + 1;
    for (int x = 0; x < width; ++x) column[x] = static_cast<std::uint16_t>(3 * a[x] + b[x]);
    column[-1] = column[0];
    column[width] = column[width - 1];
    std::uint16_t* to = out.row(y);
    for (int x = 0; x < width; ++x) {
      to[2 * x] = static_cast<std::uint16_t>((3 * column[x] + column[x - 1]) * 16);
      to[2 * x + 1] = static_cast<std::uint16_t>((3 * column[x] + column[x + 1]) * 16);
    }
  }
}

void Halve(const Plane& source, Plane& out) {
  out.Resize(source.width / 2, source.height / 2);
  for (int y = 0; y < out.height; ++y) {
    const std::uint16_t* from = source.row(2 * y);
    std::uint16_t* to = out.row(y);
    for (int x = 0; x < out.width; ++x) to[x] = from[2 * x];
  }
}

}  // namespace inlier
