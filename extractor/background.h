#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/image.h"

namespace inlier {

/// The plain background that a studio picture shows around its subject.
struct Background {
  std::vector<std::uint8_t> mask;        // height × width; 1 where it is seen
  std::array<std::uint8_t, 3> colour{};  // blue, green, red
};

/// Finds the background of a colour image: what looks like the median of the border and is
/// connected to it. Empty where the border has several colours, as in most photos, where the
/// background is dark, so that its colour says little about the light, and where it would leave
/// next to nothing of the picture.
std::optional<Background> FindBackground(const Image& image);

}  // namespace inlier
