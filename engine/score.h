#pragma once

#include <string_view>

#include "inlier/answer.h"

namespace inlier {

/// The most that a hypothesis can be better than its rivals (Evidence::agreement_margin): a larger
/// lead says no more.
inline constexpr double kMaxAgreementMargin = 0.1;

/// The weights of a logistic regression on all evidence, and the curve that turns its sum into
/// log-odds. benchmarks/calibrate.py fits and prints them.
struct ScoreWeights {
  double constant = 0, item_coverage = 0, descriptor_agreement = 0;
  double colour_shift = 0, colour_error = 0, colour_differs = 0;
  double vote_margin = 0, few_inliers = 0, agreement_margin = 0;
  double offset = 0, gain = 1, gain_above = 0;
};

/// The weights for features of this method, fitted on real photos with these features
/// (docs/EVALUATION.md). Methods for which nothing was fitted have those of SIFT.
const ScoreWeights& WeightsFor(std::string_view method);

/// What the parts of the evidence add to the sum, when there is a geometry.
struct Contributions {
  double matches = 0;  // their number and votes, and how much of the item they cover
  double texture = 0;  // how much looks alike
  double colours = 0;
  double rivals = 0;  // the comparison with other items in the same place
};
Contributions Contribute(const Evidence& evidence, const ScoreWeights& weights);

/// The log-odds that the item is in the photo. Without a geometry only the order of the votes is
/// left, which any geometry outranks.
double Score(const Evidence& evidence, const ScoreWeights& weights);
/// The probability of these log-odds.
double Probability(double score);

}  // namespace inlier
