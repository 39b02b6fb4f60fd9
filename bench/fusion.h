#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/bench_answer.h"
#include "bench/metrics.h"

namespace inlier {

/// Makes one ranking with one probability out of the answers of several methods to the same photo
/// (late fusion of scores). The first one is a classical method.
///
/// An item's score is the log-odds of a logistic regression. Its evidence is each method's own
/// log-odds of the item, how far that is ahead of the method's best other item, and whether the
/// classical method found a geometry. Fit finds the weights that are most probable given the items
/// of answered photos, under a normal prior around "the classical method alone" (that is, with a
/// ridge penalty on the distance from there), so that a few photos change little. The search is
/// Newton's, damped: each step is halved until the posterior rises (Boyd and Vandenberghe, Convex
/// Optimization, 2004, §9.5). To judge photos by a fit that has not seen them, FuseInFolds fits
/// once for each of five folds.
class Fusion {
 public:
  /// The intercept, whether there is a geometry, and two of each method: its score and its margin.
  using Weights = std::vector<double>;
  /// The answers of the methods to one photo, the classical one in front.
  using Answers = std::vector<const BenchAnswer*>;

  /// An item of the answers to a photo.
  struct Candidate {
    Weights evidence;    // the first one is 1, whose weight is the intercept
    bool right = false;  // the photo shows it
  };

  /// The classical method alone, among so many.
  explicit Fusion(std::size_t methods = 1);
  /// Without candidates that is the classical method alone as well.
  static Fusion Fit(std::size_t methods, std::span<const Candidate> candidates);

  /// The items of all answers with their evidence. For an item that a method does not list, the
  /// score of the last item that it lists is taken.
  static std::vector<std::pair<RankedItem, Weights>> Evidence(const Answers& answers);

  /// The fused answer, best first. An item is accepted when its probability is at least
  /// `accept_probability` and no better accepted item lies in the same place. Its outline is that
  /// of the first method that has one. Costs are the sum of all methods', with decoding counted
  /// once.
  BenchAnswer Fuse(const Answers& answers, double accept_probability) const;

  const Weights& weights() const { return weights_; }

 private:
  Weights weights_;
};

struct FusedAnswers {
  MethodAnswers answers;
  Fusion all;  // fitted on all photos
};

/// Fuses the methods' answers to all photos. The photos are split into five folds by the item that
/// they show, and each photo is fused by what was fitted on the other four folds. `truths` has one
/// entry for each photo. Items of which `in_doubt(photo, id)` is true are not fitted on: they are
/// not the photo's own, but the photo may show them.
FusedAnswers FuseInFolds(std::span<const MethodAnswers* const> methods,
                         std::span<const Truth> truths,
                         const std::function<bool(std::size_t, const std::string&)>& in_doubt,
                         double accept_probability);

}  // namespace inlier
