#pragma once

#include <span>

#include "engine/hypothesis.h"

namespace inlier {

/// True when the weaker of two hits claims the stronger one's place of the photo, so that only one
/// of them can be right.
bool ClaimSamePlace(const Hit& stronger, const Hit& weaker);

/// Enters into each hypothesis with a geometry how much more the photo looks like it than like its
/// rivals, at most kMaxAgreementMargin: those that claim the same place and have another item that
/// is no twin of its own. Hypotheses without an item are no rivals.
void CompareRivals(std::span<Hypothesis> hypotheses);

}  // namespace inlier
