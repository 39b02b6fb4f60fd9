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

constexpr std::array<std::pair<std::string_view, ScoreWeights>, 4> kWeights{{
    {"sift",
     {.constant = 0.3020,
      .item_coverage = 6.6156,
      .log_photo_share = 0.3461,
      .agreement_visible = 3.0223,
      .colour_shift = -3.7500,
      .colour_error = -5.5751,
      .colour_differs = -3.7493,
      .vote_margin = 0.6819,
      .few_inliers = 5.0037,
      .agreement_margin = 13.6648,
      .offset = -0.4928,
      .gain = 0.7329,
      .gain_above = 1.4010}},
    {"surf",
     {.constant = 1.4736,
      .item_coverage = 7.8408,
      .log_photo_share = 0.6079,
      .agreement_visible = 0.3583,
      .colour_shift = -3.8992,
      .colour_error = -3.7311,
      .colour_differs = -3.7603,
      .vote_margin = 1.1173,
      .few_inliers = -0.2596,
      .agreement_margin = 9.1089,
      .offset = -0.3234,
      .gain = 0.8482,
      .gain_above = 0.8378}},
    {"orb",
     {.constant = -0.6208,
      .item_coverage = 9.0628,
      .log_photo_share = 0.3732,
      .agreement_visible = 2.2969,
      .colour_shift = -2.6289,
      .colour_error = -5.1611,
      .colour_differs = -3.0634,
      .vote_margin = 1.3995,
      .few_inliers = 5.4534,
      .agreement_margin = 7.0587,
      .offset = -0.3763,
      .gain = 0.8419,
      .gain_above = 1.0066}},
    {"brief",
     {.constant = 0.7056,
      .item_coverage = 5.7959,
      .log_photo_share = 0.6212,
      .agreement_visible = 1.9204,
      .colour_shift = -3.0621,
      .colour_error = -3.6900,
      .colour_differs = -3.2965,
      .vote_margin = 1.3490,
      .few_inliers = 7.2475,
      .agreement_margin = 6.7317,
      .offset = -0.2163,
      .gain = 0.9183,
      .gain_above = 0.6553}},
}};

}  // namespace

const ScoreWeights& WeightsFor(std::string_view method) {
  const auto found = std::ranges::find_if(
      kWeights, [method](const auto& entry) { return method.ends_with(entry.first); });
  return found == kWeights.end() ? kWeights.front().second : found->second;
}

double Score(const Evidence& e, const ScoreWeights& w) {
  if (e.inliers == 0) return kNoGeometry + 4.0 * e.votes;
  const double sum = w.constant + w.item_coverage * e.item_coverage +
                     w.log_photo_share * std::log(e.photo_share + 0.003) +
                     w.agreement_visible * e.agreement * e.visible +
                     w.colour_shift * e.colour_shift + w.colour_error * e.colour_error +
                     w.colour_differs * e.colour_differs +
                     w.vote_margin * std::clamp(e.vote_margin, -kMostVoteMargin, kMostVoteMargin) +
                     w.few_inliers * std::min(0.0, std::log(e.inliers / kManyInliers)) +
                     w.agreement_margin * std::max(kLeastMargin, e.agreement_margin);
  return w.offset + w.gain * sum + w.gain_above * std::max(0.0, sum - kKnee);
}

double Probability(double score) { return 1.0 / (1.0 + std::exp(-score)); }

}  // namespace inlier
