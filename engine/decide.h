#pragma once

#include <vector>

#include "core/features.h"
#include "inlier/answer.h"
#include "inlier/options.h"
#include "inlier/query.h"
#include "matcher/matcher.h"

namespace inlier {

/// The log-odds that the item is in the photo: a logistic regression on all evidence, fitted by
/// benchmarks/calibrate.py on real photos with SIFT features (docs/EVALUATION.md).
double Score(const Evidence& evidence);
/// The probability of these log-odds.
double Probability(double score);

/// A hit that is not decided yet, with the matches that its geometry rests on.
struct Hypothesis {
  Hit hit;
  std::vector<FeatureMatch> inliers;
  bool examined = false;  // its item was matched in full, and not only voted for
};

/// True for a hit with a geometry that is probable enough to be accepted.
bool IsAcceptable(const Hit& hit, const DecisionOptions& options);

/// Accepts hypotheses, best score first. Of several items that claim the same place of the photo
/// only the best is accepted. The hits come back with the accepted ones first, then by score.
/// `photo`: the features that the inliers count in.
std::vector<Hit> Decide(const Features& photo, std::vector<Hypothesis> hypotheses,
                        const DecisionOptions& options);

/// Reduces the hits to what the caller asked for.
void KeepRequested(std::vector<Hit>& hits, const QueryOptions& query);

}  // namespace inlier
