#pragma once

#include <cmath>
#include <cstdint>

#include "core/image.h"

namespace inlier::test {

/// A grey image of one level.
inline Image GreyImage(int width_px, int height_px, std::uint8_t level) {
  Image image{.width_px = width_px, .height_px = height_px, .channels = 1};
  image.pixels.assign(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px),
                      level);
  return image;
}

inline std::uint8_t& At(Image& image, int x, int y) {
  const auto width = static_cast<std::size_t>(image.width_px);
  return image.pixels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
}

inline std::uint8_t At(const Image& image, int x, int y) {
  const auto width = static_cast<std::size_t>(image.width_px);
  return image.pixels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
}

/// A bright or dark spot, Gaussian, on grey.
inline void DrawSpot(Image& image, double x_px, double y_px, double sigma_px, double height) {
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x) {
      const double squares = (x - x_px) * (x - x_px) + (y - y_px) * (y - y_px);
      At(image, x, y) = static_cast<std::uint8_t>(
          std::lround(At(image, x, y) + height * std::exp(-squares / (2 * sigma_px * sigma_px))));
    }
  }
}

/// Sum of the pixels from (x0, y0) to before (x1, y1), one by one.
inline double Sum(const Image& grey, int x0, int y0, int x1, int y1) {
  double sum = 0;
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) sum += At(grey, x, y);
  }
  return sum;
}

}  // namespace inlier::test
