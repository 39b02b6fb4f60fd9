// A hit's probability. The sum of the weighted evidence is made log-odds by a curve with a knee:
// what is plainly right is surer than a linear fit says, which must please the siblings as well
// (after Platt, 1999).
#include "engine/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace inlier {
namespace {

constexpr double kNoGeometry = -24;  // any geometry outranks it
constexpr double kKnee = 0.5;        // of the sum
// Fewer may be chance; more of them tell little that their spread does not.
constexpr double kManyInliers = 15;
constexpr double kMostRecognised = 1.4;
constexpr double kLeastMargin = -0.4;  // of agreement; a rival that looks so much better suffices

constexpr std::array<std::pair<std::string_view, ScoreWeights>, 5> kWeights{{
    {"sift",
     {.constant = -2.9301,
      .item_coverage = 9.1160,
      .descriptor_agreement = 5.0250,
      .colour_shift = -2.9419,
      .colour_error = -5.5111,
      .colour_differs = -9.4609,
      .few_inliers = 0.7064,
      .agreement_margin = 16.7842,
      .offset = -0.5629,
      .gain = 0.7448,
      .gain_above = 1.8725}},
    {"surf",
     {.constant = -2.4936,
      .item_coverage = 10.3087,
      .descriptor_agreement = 3.4354,
      .colour_shift = -3.4981,
      .colour_error = -4.8663,
      .colour_differs = -6.3910,
      .few_inliers = 0.7552,
      .agreement_margin = 13.4424,
      .offset = -0.4301,
      .gain = 0.7942,
      .gain_above = 1.3058}},
    {"orb",
     {.constant = -3.1751,
      .item_coverage = 9.0808,
      .descriptor_agreement = 6.0431,
      .colour_shift = -3.1107,
      .colour_error = -5.5587,
      .colour_differs = -9.8612,
      .few_inliers = 3.1244,
      .agreement_margin = 11.7702,
      .offset = -0.3648,
      .gain = 0.8784,
      .gain_above = 1.1235}},
    {"brief",
     {.constant = -2.7342,
      .item_coverage = 6.5806,
      .descriptor_agreement = 5.8016,
      .colour_shift = -2.6849,
      .colour_error = -6.0487,
      .colour_differs = -7.9099,
      .few_inliers = 3.8649,
      .agreement_margin = 11.2402,
      .offset = -0.1072,
      .gain = 0.9893,
      .gain_above = 0.3237}},
    {"xfeat",
     {.constant = -3.6274,
      .item_coverage = 8.2158,
      .descriptor_agreement = 3.8995,
      .colour_shift = -3.0691,
      .colour_error = -3.1269,
      .colour_differs = -8.4118,
      .few_inliers = 5.9005,
      .agreement_margin = 12.1532,
      .offset = -0.5215,
      .gain = 0.8168,
      .gain_above = 2.0322}},
}};

}  // namespace

const ScoreWeights& WeightsFor(std::string_view method) {
  const auto found = std::ranges::find_if(
      kWeights, [method](const auto& entry) { return method.ends_with(entry.first); });
  return found == kWeights.end() ? kWeights.front().second : found->second;
}

Contributions Contribute(const Evidence& e, const ScoreWeights& w) {
  // The more of the item is recognised, the more a part in another colour counts.
  const double recognised = std::min(kMostRecognised, e.item_coverage + e.descriptor_agreement);
  return {.matches = w.item_coverage * e.item_coverage +
                     w.few_inliers * std::min(0.0, std::log(e.inliers / kManyInliers)),
          .texture = w.descriptor_agreement * e.descriptor_agreement,
          .colours = w.colour_shift * e.colour_shift + w.colour_error * e.colour_error +
                     w.colour_differs * e.colour_differs * e.agreement * recognised,
          .rivals = w.agreement_margin * std::max(kLeastMargin, e.agreement_margin)};
}

double Score(const Evidence& e, const ScoreWeights& w) {
  if (e.inliers == 0) return kNoGeometry + 4.0 * e.votes;
  const Contributions parts = Contribute(e, w);
  const double sum = w.constant + parts.matches + parts.texture + parts.colours + parts.rivals;
  return w.offset + w.gain * sum + w.gain_above * std::max(0.0, sum - kKnee);
}

double Probability(double score) { return 1.0 / (1.0 + std::exp(-score)); }

}  // namespace inlier
