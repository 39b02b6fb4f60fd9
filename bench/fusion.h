#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/bench_answer.h"
#include "bench/metrics.h"

namespace inlier {

/// Makes one ranking with one probability out of the answers of a classical method and a deep one
/// to the same photo (late fusion of scores).
///
/// An item's score is the log-odds of a logistic regression. Its evidence is both methods' own
/// log-odds of the item, how far each of them is ahead of that method's best other item, and
/// whether the classical method found a geometry. Fit finds the weights that are most probable
/// given the items of answered photos, under a normal prior around "the classical method alone"
/// (that is, with a ridge penalty on the distance from there), so that a few photos change little.
/// The search is Newton's, damped: each step is halved until the posterior rises (Boyd and
/// Vandenberghe, Convex Optimization, 2004, §9.5). To judge photos by a fit that has not seen them,
/// FuseInFolds fits once for each of five folds.
class Fusion {
 public:
  static constexpr std::size_t kWeights = 6;
  using Weights = std::array<double, kWeights>;

  /// An item of the two answers to a photo.
  struct Candidate {
    Weights evidence{};  // the first one is 1, whose weight is the intercept
    bool right = false;  // the photo shows it
  };

  /// The classical method alone, which is also what Fit returns when there are no candidates.
  Fusion() = default;
  static Fusion Fit(std::span<const Candidate> candidates);

  /// The items of either answer with their evidence. For an item that a method does not list, the
  /// score of the last item that it lists is taken.
  static std::vector<std::pair<RankedItem, Weights>> Evidence(const BenchAnswer& classical,
                                                              const BenchAnswer& deep);

  /// The fused answer, best first. An item is accepted when its probability is at least
  /// `accept_probability` and no better accepted item lies in the same place. Its outline is that
  /// of the classical method if there is one. Costs are the sum of both methods', with decoding
  /// counted once.
  BenchAnswer Fuse(const BenchAnswer& classical, const BenchAnswer& deep,
                   double accept_probability) const;

  const Weights& weights() const { return weights_; }

 private:
  Weights weights_ = {0, 1, 0, 0, 0, 0};
};

struct FusedAnswers {
  MethodAnswers answers;
  Fusion all;  // fitted on all photos
};

/// Fuses two methods' answers to all photos. The photos are split into five folds by the item that
/// they show, and each photo is fused by what was fitted on the other four folds. `truths` has one
/// entry for each photo. Items of which `in_doubt(photo, id)` is true are not fitted on: they are
/// not the photo's own, but the photo may show them.
FusedAnswers FuseInFolds(const MethodAnswers& classical, const MethodAnswers& deep,
                         std::span<const Truth> truths,
                         const std::function<bool(std::size_t, const std::string&)>& in_doubt,
                         double accept_probability);

}  // namespace inlier
