#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/image.h"

namespace inlier {

/// The plain ground that a studio picture shows around its subject.
struct Ground {
  std::vector<std::uint8_t> covers;      // height × width; 1 where the ground is seen
  std::array<std::uint8_t, 3> colour{};  // blue, green, red
};

/// Finds the ground of a colour image: what looks like the median of the border and hangs together
/// with it. Empty where the border has several colours, as in most photos, where the ground is
/// dark, so that its colour says little of the light, and where it leaves next to nothing.
std::optional<Ground> FindGround(const Image& image);

}  // namespace inlier
