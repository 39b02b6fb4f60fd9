#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/features.h"

namespace inlier {

/// How answers are evaluated. The measures of a ranking are those of image retrieval: first hit,
/// recall at k and average precision in its two common definitions, which differ (by trapezoids,
/// and as the mean precision at the ranks of what is relevant). Their means over photos get an
/// interval by the bootstrap. Whether an item is in the catalogue at all is evaluated as a
/// detection problem, by the shares of misses and false alarms over a threshold.

/// What a method should find in a photo. The items of `junk` (hardly visible, or the photo itself)
/// count neither way: they are removed from a ranking before it is evaluated (Philbin et al., CVPR
/// 2007, §3.5).
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

/// The mean of the precision at the rank of each relevant item, where an item that is not listed
/// counts 0. With one relevant item, this is 1 / rank.
double AveragePrecision(const Ranking& ranking, const Truth& truth);

/// The same over the first k items, of which at most k can be relevant. Its mean over photos is the
/// mAP@5 of FORB (arXiv 2309.16249).
double AveragePrecisionAt(std::size_t k, const Ranking& ranking, const Truth& truth);

/// The area under precision over recall by trapezoids, as for the Oxford and Paris buildings. An
/// item that is not listed adds nothing. For one relevant item at rank 2 this is 1/4, and not 1/2.
double AveragePrecisionByTrapezoids(const Ranking& ranking, const Truth& truth);

/// The intersection over union of two simple polygons, convex or not, in pixels. Both are drawn on
/// a grid of at most 512 points on each side. 0 when one of them has no area.
double IntersectionOverUnion(std::span<const Point> a, std::span<const Point> b);

/// The errors in answering "is it in the catalogue?" at one threshold of the probability.
struct DetectionError {
  double threshold = 0;
  double missed = 0;       // share of the photos whose own item is not accepted at it
  double false_alarm = 0;  // share of the photos without their item in which one is accepted
};

/// The errors at thresholds from 0 to 1 in steps of 0.01. `own` has the probability of each photo's
/// own item while it is in the catalogue (0: not found), and `foreign` the highest probability of
/// anything wrong while it is left out (0: nothing).
std::vector<DetectionError> DetectionErrors(std::span<const double> own,
                                            std::span<const double> foreign);

struct Interval {
  double low = 0, high = 0;
};

/// The 95 % bootstrap interval of the mean of `values`, by percentiles of 2,000 samples (Efron and
/// Tibshirani, An Introduction to the Bootstrap, 1993, §13.3). Photos of one item are not
/// independent, so whole groups are drawn: `groups` has the number of the group of each value.
Interval BootstrapMean(std::span<const double> values, std::span<const std::uint32_t> groups,
                       std::uint64_t seed);

double Mean(std::span<const double> values);
/// The median. It is the upper one of the two middle values when there is an even number of values,
/// and 0 when there are none.
double Median(std::vector<double> values);

}  // namespace inlier
