// Decides which hypotheses are accepted. Every hypothesis has a score, the log-odds that its item
// is in the photo; from `accept_probability` on it may be accepted. Products of one brand share
// logos and layouts, so several items often claim the same part of the photo: then only the best of
// them is accepted.
#include "engine/decide.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace inlier {
namespace {

// Two hits claim the same place when more than this share of the weaker one's inliers lies within
// the stronger one's outline.
constexpr double kSamePlace = 0.5;

bool ClaimSamePlace(const Features& photo, const Hypothesis& stronger, const Hypothesis& weaker) {
  if (weaker.inliers.empty()) return false;
  std::size_t inside = 0;
  for (const FeatureMatch& match : weaker.inliers) {
    inside += Contains(*stronger.hit.polygon, photo.keypoints[match.photo].point);
  }
  return static_cast<double>(inside) > kSamePlace * static_cast<double>(weaker.inliers.size());
}

}  // namespace

double Score(const Evidence& e) {
  // Without a geometry only the order of the votes is left, and any geometry outranks it.
  if (e.inliers == 0) return -12.0 + 4.0 * e.votes;
  return 0.2441 + 7.0910 * e.item_coverage + 0.4346 * std::log(e.photo_share + 0.003) +
         2.0495 * e.agreement * e.visible + 2.0919 * e.colour - 2.1587 * e.colour_shift -
         9.1190 * e.colour_error + 0.9254 * std::clamp(e.vote_margin, -2.0, 2.0);
}

double Probability(double score) { return 1.0 / (1.0 + std::exp(-score)); }

bool IsAcceptable(const Hit& hit, const DecisionOptions& options) {
  return hit.polygon && hit.probability >= options.accept_probability;
}

bool HaveCommonItem(std::span<const ItemNumber> a, std::span<const ItemNumber> b) {
  for (auto in_a = a.begin(), in_b = b.begin(); in_a != a.end() && in_b != b.end();) {
    if (*in_a == *in_b) return true;
    ++(*in_a < *in_b ? in_a : in_b);
  }
  return false;
}

bool AreTheSame(const Hypothesis& a, const Hypothesis& b) {
  const bool twins =
      std::ranges::any_of(a.twins, [&b](const TwinFace& twin) { return twin.face == b.face; });
  return twins || HaveCommonItem(a.items, b.items);
}

std::vector<Hypothesis> Decide(const Features& photo, std::vector<Hypothesis> hypotheses,
                               const DecisionOptions& options) {
  std::stable_sort(
      hypotheses.begin(), hypotheses.end(),
      [](const Hypothesis& a, const Hypothesis& b) { return a.hit.score > b.hit.score; });
  std::unordered_set<ItemNumber> named;
  std::erase_if(hypotheses, [&named](const Hypothesis& hypothesis) {
    return hypothesis.items.empty() || !named.insert(hypothesis.items.front()).second;
  });
  for (auto weaker = hypotheses.begin(); weaker != hypotheses.end(); ++weaker) {
    if (!IsAcceptable(weaker->hit, options)) continue;
    weaker->hit.accepted =
        std::none_of(hypotheses.begin(), weaker, [&](const Hypothesis& stronger) {
          return stronger.hit.accepted && ClaimSamePlace(photo, stronger, *weaker);
        });
  }
  std::stable_sort(
      hypotheses.begin(), hypotheses.end(),
      [](const Hypothesis& a, const Hypothesis& b) { return a.hit.accepted > b.hit.accepted; });
  return hypotheses;
}

void KeepRequested(std::vector<Hypothesis>& hypotheses, const QueryOptions& query) {
  if (!query.all) std::erase_if(hypotheses, [](const auto& h) { return !h.hit.accepted; });
  const auto most = static_cast<std::size_t>(std::max(query.top, 0));
  if (hypotheses.size() > most) hypotheses.resize(most);
  if (!query.keep_matches) {
    for (Hypothesis& hypothesis : hypotheses) hypothesis.hit.matches.clear();
  }
}

}  // namespace inlier
