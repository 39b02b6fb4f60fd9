#pragma once

#include <cstdint>
#include <vector>

#include "extractor/byte_plane.h"

namespace inlier {

/// A corner of FAST-9/16: nine pixels in a row, of the sixteen on the circle of radius 3, are all
/// brighter than the middle by more than a threshold, or all darker.
struct FastCorner {
  int x = 0, y = 0;
  std::uint8_t score = 0;  // the lowest threshold that the corner fails
};

/// Reach of the test and of its 3×3 suppression.
constexpr int kFastReach_px = 4;

/// Corners at `threshold` whose score no 3×3 neighbour exceeds; of neighbours with the same score
/// the first by row and column. At least max(border_px, kFastReach_px) inside, by row and column.
/// Rosten and Drummond, ECCV 2006.
std::vector<FastCorner> FindFastCorners(const BytePlane& image, int threshold, int border_px);

/// True at a corner that is brighter than its arc of nine; an arc is more than half of the circle.
bool IsBrightCorner(const BytePlane& image, int x, int y);

}  // namespace inlier
