#pragma once

#include <array>

#include "matcher/matcher.h"

namespace inlier {

/// The outline of an image, clockwise from its top left corner. Pixel centres are at whole numbers,
/// so it runs half a pixel outside of them.
std::array<Point, 4> OutlineOf(double width_px, double height_px);

/// False for outlines in a photo that no view of a flat item has. It keeps its outline convex and
/// its corners in order; near-slivers, and outlines that pass behind the camera, come from
/// degenerate samples. `polygon` is where `corners` go; `photo_side_px` is the photo's long side.
bool PlausibleOutline(const Homography& photo_from_item, const std::array<Point, 4>& corners,
                      const std::array<Point, 4>& polygon, double photo_side_px);

}  // namespace inlier
