#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "render/corruption.h"

namespace inlier::test {

using Colour = std::array<std::uint8_t, 3>;  // blue, green, red
constexpr Colour kBlue{230, 30, 30}, kGreen{30, 230, 30}, kRed{30, 30, 230}, kYellow{20, 220, 220},
    kGrey{90, 90, 90};

Image Plain(Colour colour, int width_px, int height_px);
void FillDisc(Image& image, Point middle, double radius_px, Colour colour);

/// Whether a pixel has one of the colours above. It looks at which channels are strong, so that the
/// exposure does not matter.
bool IsColour(const std::uint8_t* bgr, Colour colour);

/// The textures that the test photos are rendered from.
const Image& Item();
const Image& Occluder();
const Image& Background();
const std::vector<Image>& Items();  // there are six

/// Renders a corrupted photo of these textures. An error fails the test.
RenderedPhoto Render(std::string_view corruption, double severity, std::uint64_t seed = 1);

/// The mean absolute difference between the bytes of two photos.
double MeanDifference(const Image& a, const Image& b);

}  // namespace inlier::test
