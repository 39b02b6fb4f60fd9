#pragma once

#include <array>
#include <optional>

#include "core/features.h"

namespace inlier {

/// Where `point` goes.
Point Transform(const Homography& photo_from_item, Point point);

/// The way back. Empty for a model that maps a plane to a line or a point.
std::optional<Homography> Inverse(const Homography& h);

/// The four corners of an image, clockwise from its top left. Pixel centres are at whole numbers,
/// so the outline runs half a pixel outside the outermost centres.
std::array<Point, 4> OutlineOf(double width_px, double height_px);

/// The area that a polygon encloses, whichever way it turns.
double Area_px(const std::array<Point, 4>& polygon);

/// True for a point inside a convex polygon whose corners run clockwise with y down.
bool Contains(const std::array<Point, 4>& polygon, Point point);

/// False for an outline that no view of a flat item can have in a photo. A real one is convex,
/// keeps the order of its corners and has a reasonable size; slivers and outlines that pass behind
/// the camera come from degenerate samples. `polygon` is where the homography takes `corners`;
/// `photo_side_px` is the long side of the photo.
bool PlausibleOutline(const Homography& photo_from_item, const std::array<Point, 4>& corners,
                      const std::array<Point, 4>& polygon, double photo_side_px);

}  // namespace inlier
