#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/features.h"

namespace inlier {

/// What a photo should find. Ids of `junk` (hardly visible, or the photo itself) count neither for
/// nor against: they are taken out of a ranking before it is judged (Philbin et al., CVPR 2007,
/// §3.5).
struct Truth {
  std::vector<std::string> relevant;  // empty: the catalogue has nothing of it
  std::vector<std::string> junk;
};

/// Ids, best first.
using Ranking = std::vector<std::string>;

/// 1 when the first item is relevant, else 0.
double FirstHit(const Ranking& ranking, const Truth& truth);

/// Share of the relevant items among the first k.
double RecallAt(std::size_t k, const Ranking& ranking, const Truth& truth);

/// Mean of the precision at each relevant item, those not listed counting 0. With one relevant
/// item, 1 / rank.
double AveragePrecision(const Ranking& ranking, const Truth& truth);

/// The same over the first k, with at most k relevant items asked for: mAP@5 of FORB (arXiv
/// 2309.16249) is its mean.
double AveragePrecisionAt(std::size_t k, const Ranking& ranking, const Truth& truth);

/// Area under precision over recall by trapezoids, as the Oxford and Paris buildings are judged;
/// what is not listed adds nothing. For one relevant item at rank 2 this is 1/4, not 1/2.
double AveragePrecisionByTrapezoids(const Ranking& ranking, const Truth& truth);

/// Intersection over union of two simple polygons, convex or not, in pixels; both are drawn on a
/// grid of at most 512 points a side. 0 when either has no area.
double IntersectionOverUnion(std::span<const Point> a, std::span<const Point> b);

/// Errors of "is it in the catalogue?" at one threshold of the probability.
struct DetectionError {
  double threshold = 0;
  double missed = 0;  // share of the photos whose own item is not accepted at it
  double false_alarm =
      0;  // share of the photos without an item in the catalogue where one is accepted
};

/// For each threshold 0, 0.01 … 1. `own`: by photo, the probability of its own item with the item
/// in the catalogue (0: not found). `foreign`: the best probability of anything wrong with the item
/// left out.
std::vector<DetectionError> DetectionErrors(std::span<const double> own,
                                            std::span<const double> foreign);

struct Interval {
  double low = 0, high = 0;
};

/// 95 % bootstrap interval (percentiles; Efron and Tibshirani, 1993, §13.3) of the mean of
/// `values`. Photos of one item are not independent, so whole groups are drawn: `groups` has one
/// number for each value.
Interval BootstrapMean(std::span<const double> values, std::span<const std::uint32_t> groups,
                       std::uint64_t seed);

double Mean(std::span<const double> values);
/// The upper one of the two middle values of an even number; 0 of nothing.
double Median(std::vector<double> values);

}  // namespace inlier
