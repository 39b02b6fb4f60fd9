#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/image.h"

namespace inlier {

/// The numbers of a colour histogram: 8 of lightness times 11 × 11 of colour.
inline constexpr std::size_t kColourBins = 8 * 11 * 11;

/// The histogram of a colour image in CIELAB. `covered`, where it is not empty, has a byte for each
/// pixel, and those that are not 0 do not count. `white` is what the light makes of a white surface
/// (blue, green, red); colours are as they would be under white light. A pixel counts in the eight
/// nearest bins, and more in nearer ones. The square root of every number is taken, so that the
/// scalar product of two histograms of unit length is their Bhattacharyya coefficient: rare colours
/// count as well as large areas (Arandjelović and Zisserman, CVPR 2012, do the same to SIFT).
std::vector<float> ColourHistogram(const Image& image, std::span<const std::uint8_t> covered,
                                   const std::array<std::uint8_t, 3>& white);

}  // namespace inlier
