#pragma once

#include <cstdint>
#include <vector>

#include "extractor/byte_plane.h"

namespace inlier {

/// A corner of FAST-9/16: of the sixteen pixels on a circle of radius 3, nine in a row are brighter
/// than the middle by more than a threshold, or nine in a row are darker.
struct FastCorner {
  int x = 0, y = 0;
  std::uint8_t score = 0;  // the lowest threshold that the corner fails
};

/// How far the test reaches, together with the suppression among 3 × 3 neighbours.
constexpr int kFastReach_px = 4;

/// Finds the corners at `threshold` whose score none of the 3 × 3 neighbours exceeds. Of neighbours
/// with the same score the first by row and column stays. A border of max(border_px, kFastReach_px)
/// is left out. The corners are in the order of row and column. Rosten and Drummond, ECCV 2006.
std::vector<FastCorner> FindFastCorners(const BytePlane& image, int threshold, int border_px);

/// True when a corner is brighter than its arc of nine. As an arc is more than half of the circle,
/// it is enough to count the darker pixels.
bool IsBrightCorner(const BytePlane& image, int x, int y);

}  // namespace inlier
