#pragma once

#include <cstdint>

namespace inlier {

/// One channel of a pixel laid over white, rounded to nearest. A transparent pixel's colour is
/// undefined, and a shop's cut-outs are meant to stand on white.
constexpr std::uint8_t OverWhite(int value, int alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

}  // namespace inlier
