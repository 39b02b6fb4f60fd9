#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/answers.h"

namespace inlier {

/// How a classical and a deep answer to one photo become one ranking with one probability: a
/// logistic regression on both methods' log-odds of an item and on how far each is ahead of the
/// method's best other item.
class Fusion {
 public:
  static constexpr std::size_t kWeights = 6;
  using Weights = std::array<double, kWeights>;

  /// An item of the two answers.
  struct Candidate {
    Weights evidence{};  // the first is 1
    bool right = false;
  };

  /// The classical method alone, and with nothing to learn from also the result of Fit.
  Fusion() = default;
  /// Maximum a posteriori by Newton's method, with a normal prior around the classical method
  /// alone: few photos leave it there.
  static Fusion Fit(std::span<const Candidate> candidates);

  /// Items of either answer; of one that it does not list, a method is taken to think as of its
  /// last one.
  static std::vector<std::pair<RankedItem, Weights>> Evidence(const BenchAnswer& classical,
                                                              const BenchAnswer& deep);

  /// Best first. An item is accepted from `accept_probability` on unless a better accepted one lies
  /// in its place; its outline is the classical one where there is one. Costs are those of both,
  /// decoding once.
  BenchAnswer Fuse(const BenchAnswer& classical, const BenchAnswer& deep,
                   double accept_probability) const;

  const Weights& weights() const { return weights_; }

 private:
  Weights weights_ = {0, 1, 0, 0, 0, 0};
};

/// Fuses two methods' answers to all photos. Photos are split in five folds by the item that they
/// show, and each is fused by what was learned on the other four. `truths` has one entry a photo;
/// `in_doubt(photo, id)` leaves an item out of the fit: it is not the photo's own, but may be
/// there. `all`: what is learned of all photos.
MethodAnswers FuseInFolds(const MethodAnswers& classical, const MethodAnswers& deep,
                          std::span<const Truth> truths,
                          const std::function<bool(std::size_t, const std::string&)>& in_doubt,
                          double accept_probability, Fusion& all);

}  // namespace inlier
