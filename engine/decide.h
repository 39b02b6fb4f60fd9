#pragma once

#include <vector>

#include "engine/hypothesis.h"
#include "inlier/options.h"
#include "inlier/query.h"

namespace inlier {

/// True for a hit with a geometry that is probable enough to be accepted.
bool IsAcceptable(const Hit& hit, const DecisionOptions& options);

/// Accepts hypotheses, best score first. Of several items that claim the same place of the photo
/// only the best is accepted, and of several pictures of one item only the best stays. Hypotheses
/// without an item are left out. The others come back with the accepted ones first, then by score;
/// those that were examined and not accepted have a reason. `photo_side_px`: the photo's long side,
/// in full pixels.
std::vector<Hypothesis> Decide(std::vector<Hypothesis> hypotheses, double photo_side_px,
                               const EngineOptions& options);

/// Reduces the hypotheses to what the caller asked for: to the accepted ones, unless all are
/// wanted, and of these to as many as wanted.
void KeepRequested(std::vector<Hypothesis>& hypotheses, const QueryOptions& query);
/// The second half of that: accepted or not.
void KeepFirst(std::vector<Hypothesis>& hypotheses, const QueryOptions& query);

}  // namespace inlier
