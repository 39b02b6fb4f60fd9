#pragma once

#include <cstdint>

namespace inlier {

/// One channel of a pixel when it is laid over white, rounded to the nearest level. The colour of a
/// fully transparent pixel is undefined, and the cut-out pictures of shops are meant to stand on
/// white.
constexpr std::uint8_t OverWhite(int value, int alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

}  // namespace inlier
