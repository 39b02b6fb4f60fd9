#pragma once

#include "engine/score.h"
#include "inlier/answer.h"

namespace inlier {

/// What a hit that was examined and not accepted lacks most. `outdone`: a stronger hit in the same
/// place was accepted. `photo_side_px`: the photo's long side, in the pixels of the hit's polygon.
Reason ReasonFor(const Hit& hit, bool outdone, double photo_side_px, const ScoreWeights& weights);

}  // namespace inlier
