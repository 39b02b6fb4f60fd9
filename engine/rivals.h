#pragma once

#include <span>

#include "core/features.h"
#include "engine/hypothesis.h"

namespace inlier {

/// True when two hypotheses claim the same place of the photo, so that only one of them can be
/// right. Both have a geometry. `photo`: the features that the inliers count in.
bool ClaimSamePlace(const Features& photo, const Hypothesis& stronger, const Hypothesis& weaker);

/// Enters into each hypothesis with a geometry how much more the photo looks like it than like its
/// rivals, at most kMostAgreementMargin: those that claim the same place and have another item that
/// is no twin of its own. Hypotheses without an item are no rivals.
void CompareRivals(const Features& photo, std::span<Hypothesis> hypotheses);

}  // namespace inlier
