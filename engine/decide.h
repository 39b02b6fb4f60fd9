#pragma once

#include <span>
#include <vector>

#include "core/features.h"
#include "index/item.h"
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

/// That the photo shows a face, with what speaks for it and the matches that its geometry rests on.
struct Hypothesis {
  FaceNumber face = 0;
  // That have the face and may be named, ascending; the first stands for it.
  std::vector<ItemNumber> items;
  std::vector<TwinFace> twins;  // of the face
  Hit hit;                      // what is known without the item's record
  std::vector<FeatureMatch> inliers;
  bool examined = false;  // its item was matched in full, and not only voted for
};

/// True when an item is in both lists, which are ascending. Thousands of items may share a face.
bool HaveCommonItem(std::span<const ItemNumber> a, std::span<const ItemNumber> b);

/// True when it does not matter which of the two a photo shows: an item has both faces, or they are
/// twins.
bool AreTheSame(const Hypothesis& a, const Hypothesis& b);

/// True for a hit with a geometry that is probable enough to be accepted.
bool IsAcceptable(const Hit& hit, const DecisionOptions& options);

/// Accepts hypotheses, best score first. Of several items that claim the same place of the photo
/// only the best is accepted, and of several pictures of one item only the best stays. Hypotheses
/// without an item are left out. The others come back with the accepted ones first, then by score.
/// `photo`: the features that the inliers count in.
std::vector<Hypothesis> Decide(const Features& photo, std::vector<Hypothesis> hypotheses,
                               const DecisionOptions& options);

/// Reduces the hypotheses to what the caller asked for.
void KeepRequested(std::vector<Hypothesis>& hypotheses, const QueryOptions& query);

}  // namespace inlier
