#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "inlier/image.h"

namespace inlier::test {

inline constexpr unsigned kPatches = 9;

/// A patch of two colours on white paper, one of nine; `shift_px` moves it, so that no two pictures
/// are the same.
inline Image Patch(unsigned i, int shift_px) {
  Image image{120, 160, 3, std::vector<std::uint8_t>(120 * 160 * 3, 250)};
  for (int y = 30 + shift_px; y < 130; ++y) {
    for (int x = 20 + shift_px; x < 90 + shift_px; ++x) {
      std::uint8_t* pixel = &image.pixels[static_cast<std::size_t>(y * 120 + x) * 3];
      const unsigned colour = y < 60 ? (i + 4) % kPatches : i;
      pixel[0] = static_cast<std::uint8_t>(20 + 90 * (colour % 3));
      pixel[1] = static_cast<std::uint8_t>(20 + 90 * (colour / 3));
      pixel[2] = static_cast<std::uint8_t>(40 + 20 * colour);
    }
  }
  return image;
}

}  // namespace inlier::test
