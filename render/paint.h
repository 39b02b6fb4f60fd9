#pragma once

#include <vector>

#include "core/features.h"
#include "render/linear_image.h"
#include "render/scene.h"

namespace inlier {

/// Drawing a placed sheet over a photo. The sheet's grid is cut into triangles, and the nearest one
/// is found for each pixel; within a triangle, the place in the item is a linear function of the
/// photo's pixels. A pixel gets the mean of the item over the parallelogram that it sees, and
/// pixels on the outline are mixed with what is behind by the share that the outline covers.

/// The share of each pixel that a polygon covers, row by row from the top. Pixel centres are at
/// whole numbers.
std::vector<float> Coverage(const std::vector<Point>& outline, int width_px, int height_px);

/// Darkens softly what is close behind the sheet, on the side away from the light.
void CastContactShadow(LinearImage& photo, const Scene& scene, const PlacedSheet& sheet);

/// Draws the item over the photo.
void Paint(LinearImage& photo, const LinearImage& item, const PlacedSheet& sheet);

}  // namespace inlier
