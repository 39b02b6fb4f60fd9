#pragma once

#include <array>
#include <cstdint>

#include "core/features.h"
#include "render/draws.h"
#include "render/linear_image.h"

namespace inlier {

/// Blue, green and red of a black body's light at 1,667 to 25,000 K against those at 6,500 K, in
/// linear sRGB, the strongest 1: a camera that keeps its white balance on daylight and exposes for
/// the strongest channel. The Planckian locus is the cubic spline of Kim et al., US patent
/// 7,024,034, 2002.
std::array<float, 3> LightGains(double kelvin);

/// Multiplies every pixel by `bgr`.
void Filter(LinearImage& photo, const std::array<float, 3>& bgr);

/// A hard shadow that something outside the photo casts: a straight edge, bars or leaves, by the
/// draws. Its edge passes near `centre`; `size_px` is the width of what should be half in shadow.
/// Where the direct light is blocked, the share `ambient` of the light remains.
void CastShadow(LinearImage& photo, double ambient, Point centre, double size_px, Draws draws);

}  // namespace inlier
