// A hit's probability. A curve with a knee turns the sum of the weighted evidence into log-odds: a
// plainly correct hit is more certain than a linear fit says, since such a fit has to suit the
// siblings as well (after Platt, 1999).
#include "engine/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace inlier {
namespace {

constexpr double kNoGeometry = -24;  // any geometry outranks it
constexpr double kKnee = 0.5;        // of the sum
// Fewer may be chance; more of them say little that their spread does not.
constexpr double kManyInliers = 15;
constexpr double kMaxVoteMargin = 1;  // more depends on the catalogue, not on the photo
constexpr double kMaxRecognised = 1.4;
constexpr double kMinMargin = -0.4;  // of agreement; a rival that looks this much better suffices

constexpr std::array<std::pair<std::string_view, ScoreWeights>, 5> kWeights{{
    {"sift",
     {.constant = -2.9319,
      .item_coverage = 9.1136,
      .descriptor_agreement = 5.0258,
      .colour_shift = -2.9448,
      .colour_error = -5.5074,
      .colour_differs = -9.4340,
      .vote_margin = 0.0000,
      .few_inliers = 0.7057,
      .agreement_margin = 16.7879,
      .offset = -0.5611,
      .gain = 0.7454,
      .gain_above = 1.8687}},
    {"surf",
     {.constant = -2.4936,
      .item_coverage = 10.3087,
      .descriptor_agreement = 3.4354,
      .colour_shift = -3.4981,
      .colour_error = -4.8663,
      .colour_differs = -6.3910,
      .vote_margin = 0.0000,
      .few_inliers = 0.7552,
      .agreement_margin = 13.4424,
      .offset = -0.4301,
      .gain = 0.7942,
      .gain_above = 1.3058}},
    {"orb",
     {.constant = -3.0334,
      .item_coverage = 8.8364,
      .descriptor_agreement = 5.9553,
      .colour_shift = -2.9836,
      .colour_error = -5.9316,
      .colour_differs = -9.4957,
      .vote_margin = 1.1282,
      .few_inliers = 2.2824,
      .agreement_margin = 8.0368,
      .offset = -0.3229,
      .gain = 0.8886,
      .gain_above = 0.9418}},
    {"brief",
     {.constant = -2.5873,
      .item_coverage = 6.3106,
      .descriptor_agreement = 5.4102,
      .colour_shift = -2.6699,
      .colour_error = -5.9205,
      .colour_differs = -6.7317,
      .vote_margin = 0.9253,
      .few_inliers = 3.3423,
      .agreement_margin = 8.8049,
      .offset = -0.2012,
      .gain = 0.9378,
      .gain_above = 0.5670}},
    {"xfeat",
     {.constant = -2.9735,
      .item_coverage = 6.5235,
      .descriptor_agreement = 3.5223,
      .colour_shift = -3.2163,
      .colour_error = -2.7999,
      .colour_differs = -5.9783,
      .vote_margin = 1.5368,
      .few_inliers = 1.6233,
      .agreement_margin = 6.7707,
      .offset = -0.3186,
      .gain = 0.8970,
      .gain_above = 0.6670}},
}};

}  // namespace

const ScoreWeights& WeightsFor(std::string_view method) {
  const auto found = std::ranges::find_if(
      kWeights, [method](const auto& entry) { return method.ends_with(entry.first); });
  return found == kWeights.end() ? kWeights.front().second : found->second;
}

Contributions Contribute(const Evidence& e, const ScoreWeights& w) {
  // The more of the item is recognised, the more a part in another colour counts.
  const double recognised = std::min(kMaxRecognised, e.item_coverage + e.descriptor_agreement);
  return {.matches = w.item_coverage * e.item_coverage +
                     w.few_inliers * std::min(0.0, std::log(e.inliers / kManyInliers)) +
                     w.vote_margin * std::clamp(e.vote_margin, -kMaxVoteMargin, kMaxVoteMargin),
          .texture = w.descriptor_agreement * e.descriptor_agreement,
          .colours = w.colour_shift * e.colour_shift + w.colour_error * e.colour_error +
                     w.colour_differs * e.colour_differs * e.agreement * recognised,
          .rivals = w.agreement_margin * std::max(kMinMargin, e.agreement_margin)};
}

double Score(const Evidence& e, const ScoreWeights& w) {
  if (e.inliers == 0) return kNoGeometry + 4.0 * e.votes;
  const Contributions parts = Contribute(e, w);
  const double sum = w.constant + parts.matches + parts.texture + parts.colours + parts.rivals;
  return w.offset + w.gain * sum + w.gain_above * std::max(0.0, sum - kKnee);
}

double Probability(double score) { return 1.0 / (1.0 + std::exp(-score)); }

}  // namespace inlier
