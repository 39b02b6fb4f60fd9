#pragma once

#include <cstdint>

namespace inlier {

/// One channel of a pixel when it is laid over a background, rounded to the nearest level. The
/// colour of a fully transparent pixel is undefined.
constexpr std::uint8_t OverGround(int value, int alpha, int ground) {
  return static_cast<std::uint8_t>((value * alpha + ground * (255 - alpha) + 127) / 255);
}

/// The same over white, which the cut-out pictures of shops are meant to stand on.
constexpr std::uint8_t OverWhite(int value, int alpha) { return OverGround(value, alpha, 255); }

}  // namespace inlier
