#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "core/features.h"
#include "index/item.h"

namespace inlier {

/// What a list keeps of a feature besides its code.
struct Posting {
  FaceNumber face = 0;
  std::uint16_t feature = 0;  // number within the face
  std::uint8_t angle = 0;     // of 256 to the full turn
  std::uint8_t scale = 0;     // log2 of the size, in 1/16

  bool operator==(const Posting&) const = default;
};

inline std::uint8_t QuantiseAngle(float angle_rad) {
  return static_cast<std::uint8_t>(
      static_cast<int>(std::lround(angle_rad * 128.0f / std::numbers::pi_v<float>)) & 255);
}

inline std::uint8_t QuantiseScale(float size_px) {
  return static_cast<std::uint8_t>(
      std::clamp(std::lround(std::log2(std::max(size_px, 1.0f)) * 16.0f), 0L, 255L));
}

/// Each cell has a list for either sign of the response, since features of the same place agree in
/// it.
inline std::uint32_t ListOf(std::int32_t cell, const Keypoint& keypoint) {
  return 2 * static_cast<std::uint32_t>(cell) + (keypoint.response < 0);
}

inline Posting MakePosting(FaceNumber face, std::size_t feature, const Keypoint& keypoint) {
  return {face, static_cast<std::uint16_t>(feature), QuantiseAngle(keypoint.angle_rad),
          QuantiseScale(keypoint.size_px)};
}

}  // namespace inlier
