#pragma once

#include "extractor/byte_plane.h"

namespace inlier {

/// Reduces a plane to the size of `out` by bilinear interpolation with weights in 1/256, rounded
/// once to whole grey levels. The outer edges of the border pixels stay in place. It gives the same
/// bytes as OpenCV's INTER_LINEAR_EXACT, in a third of its time. No side of `out` is longer than
/// that of the source or shorter than half of it, and rows of both may be read kPlanePad_px past
/// their ends.
void Reduce(const BytePlane& source, BytePlane& out);

}  // namespace inlier
