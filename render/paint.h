#pragma once

#include <vector>

#include "core/features.h"
#include "render/linear_image.h"
#include "render/scene.h"

namespace inlier {

/// Share of each pixel that the polygon covers.
std::vector<float> Coverage(const std::vector<Point>& outline, int width_px, int height_px);

/// Darkens, softly, what is close behind the sheet on the side away from the light.
void CastContactShadow(LinearImage& photo, const Stage& stage, const PlacedSheet& sheet);

/// Draws the item over the photo: each pixel is the mean over what it sees of the item, its edges
/// are mixed by coverage.
void Paint(LinearImage& photo, const LinearImage& item, const PlacedSheet& sheet);

}  // namespace inlier
