#pragma once

#include "core/options.h"

namespace inlier {

/// What speaks for and against one candidate. See Geometry and Appearance for the definitions.
struct Evidence {
  int inliers = 0;           // 0 when no geometry was found
  int matches = 0;           // one-to-one matches before geometry
  double item_coverage = 0;  // [0, 1]
  double photo_share = 0;    // inliers over the photo's features inside the outline, [0, 1]
  double agreement = 0;      // share of the item that looks alike, [0, 1]
  double colour = 0;         // correlation of chromaticity, [-1, 1]
  double colour_shift = 0;
  double colour_error = 0;
  double visible = 0;      // share of the item inside the photo, [0, 1]
  double votes = 0;        // of the shortlist, over the best candidate's, [0, 1]
  double vote_margin = 0;  // log of these votes over the best other candidate's
  double similarity = 0;   // embeddings: cosine of the nearest two rows, [-1, 1]
  double margin = 0;       // embeddings: this similarity less the best other item's
};

struct DecisionOptions {
  int candidates = 50;  // items of the shortlist that are looked at
  int rematched = 12;   // of these, the items that are matched in full
  double accept_probability = 0.85;

  template <class Visitor>
  void Visit(Visitor&& visit) {
    visit(Field{"candidates", "items of the shortlist that are looked at", 1, 10'000}, candidates);
    visit(Field{"rematched", "of these, items matched in full", 1, 10'000}, rematched);
    visit(Field{"accept_probability", "least probability of an accepted hit", 0, 1},
          accept_probability);
  }
};

/// Log-odds that the item is in the photo: a logistic regression, fitted by benchmarks/calibrate.py
/// on real photos with SIFT features (docs/EVALUATION.md).
double Score(const Evidence& evidence);
double Probability(double score);

}  // namespace inlier
