#pragma once

#include <array>

#include "inlier/image.h"

namespace inlier::wire {

/// The homography, row by row and with 1 in its last place, that takes a picture of this size to
/// the polygon of a hit: the outer corners of the picture, half a pixel beyond the centres of its
/// corner pixels, go to the polygon's points. P. Heckbert, "Fundamentals of Texture Mapping and
/// Image Warping", 1989, section 2.2.3. All zeros when the polygon is degenerate.
std::array<double, 9> HomographyOf(const std::array<Point, 4>& polygon, double width_px,
                                   double height_px);

}  // namespace inlier::wire
