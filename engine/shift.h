#pragma once

#include <vector>

#include "inlier/answer.h"
#include "inlier/image.h"

namespace inlier {

/// Takes what was found in a part of a photo to pixels of the whole photo.
void Shift(const PixelRegion& region, Hit& hit);
void Shift(const PixelRegion& region, std::vector<MatchedPoint>& matches);

}  // namespace inlier
