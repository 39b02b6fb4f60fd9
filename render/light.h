#pragma once

#include <array>
#include <cstdint>

#include "core/features.h"
#include "render/draws.h"
#include "render/linear_image.h"

namespace inlier {

/// Blue, green and red of a black body's light at 1,667 to 25,000 K over those at 6,500 K, in
/// linear sRGB and scaled so that the strongest one is 1. This is what a camera sees when it stays
/// balanced for daylight and exposes for the strongest channel. The Planckian locus is approximated
/// by the cubic spline of Kim et al., US patent 7,024,034, 2002.
std::array<float, 3> LightGains(double kelvin);

/// Multiplies every pixel by `bgr`.
void Filter(LinearImage& photo, const std::array<float, 3>& bgr);

/// Casts the hard shadow of something outside of the photo: a straight edge, bars or leaves, as the
/// draws decide. The edge of the shadow passes near `centre`, and `size_px` is the width of what
/// should be half in shadow. Where the direct light is blocked, the share `ambient` of the light
/// remains.
void CastShadow(LinearImage& photo, double ambient, Point centre, double size_px, Draws draws);

}  // namespace inlier
