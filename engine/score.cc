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
constexpr double kManyInliers = 8;
constexpr double kLeastMargin = -0.4;  // of agreement; a rival that looks so much better suffices
constexpr double kMostVoteMargin = 1;  // more depends on the catalogue, not on the photo

constexpr std::array<std::pair<std::string_view, ScoreWeights>, 5> kWeights{{
    {"sift",
     {.constant = 0.2056,
      .item_coverage = 7.4297,
      .log_photo_share = 0.4599,
      .agreement_visible = 3.7092,
      .colour_shift = -3.3629,
      .colour_error = -6.5633,
      .colour_differs = -8.5124,
      .vote_margin = 0.5050,
      .few_inliers = 2.5251,
      .agreement_margin = 15.6993,
      .offset = -0.4933,
      .gain = 0.7686,
      .gain_above = 1.3614}},
    {"surf",
     {.constant = 0.9522,
      .item_coverage = 8.7406,
      .log_photo_share = 0.5414,
      .agreement_visible = 0.7929,
      .colour_shift = -4.3471,
      .colour_error = -4.8737,
      .colour_differs = -4.9802,
      .vote_margin = 1.2850,
      .few_inliers = -0.8034,
      .agreement_margin = 8.9605,
      .offset = -0.3088,
      .gain = 0.8699,
      .gain_above = 0.7682}},
    {"orb",
     {.constant = -0.9053,
      .item_coverage = 10.0615,
      .log_photo_share = 0.4268,
      .agreement_visible = 2.4915,
      .colour_shift = -2.7143,
      .colour_error = -5.7941,
      .colour_differs = -4.8178,
      .vote_margin = 1.5714,
      .few_inliers = 5.3535,
      .agreement_margin = 6.6558,
      .offset = -0.3249,
      .gain = 0.8853,
      .gain_above = 0.8952}},
    {"brief",
     {.constant = 0.8432,
      .item_coverage = 7.1800,
      .log_photo_share = 0.7111,
      .agreement_visible = 1.9280,
      .colour_shift = -2.4259,
      .colour_error = -5.9998,
      .colour_differs = -3.8776,
      .vote_margin = 1.5552,
      .few_inliers = 5.8604,
      .agreement_margin = 5.5383,
      .offset = -0.1144,
      .gain = 0.9583,
      .gain_above = 0.3839}},
    {"xfeat",
     {.constant = 0.3318,
      .item_coverage = 8.5406,
      .log_photo_share = 0.8272,
      .agreement_visible = 0.5000,
      .colour_shift = -3.0704,
      .colour_error = -3.3958,
      .colour_differs = -4.4807,
      .vote_margin = 1.3448,
      .few_inliers = 5.5911,
      .agreement_margin = 6.1019,
      .offset = -0.1288,
      .gain = 0.9654,
      .gain_above = 0.3099}},
}};

}  // namespace

const ScoreWeights& WeightsFor(std::string_view method) {
  const auto found = std::ranges::find_if(
      kWeights, [method](const auto& entry) { return method.ends_with(entry.first); });
  return found == kWeights.end() ? kWeights.front().second : found->second;
}

Contributions Contribute(const Evidence& e, const ScoreWeights& w) {
  return {.matches = w.item_coverage * e.item_coverage +
                     w.log_photo_share * std::log(e.photo_share + 0.003) +
                     w.few_inliers * std::min(0.0, std::log(e.inliers / kManyInliers)) +
                     w.vote_margin * std::clamp(e.vote_margin, -kMostVoteMargin, kMostVoteMargin),
          .texture = w.agreement_visible * e.agreement * e.visible,
          .colours = w.colour_shift * e.colour_shift + w.colour_error * e.colour_error +
                     w.colour_differs * e.colour_differs * e.agreement,
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
