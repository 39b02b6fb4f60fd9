// Decides which hypotheses are accepted. Every hypothesis has a score, the log-odds that its item
// is in the photo; from `accept_probability` on it may be accepted. Products of one brand share
// logos and layouts, so several items often claim the same part of the photo: then only the best of
// them is accepted.
#include "engine/decide.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/reason.h"
#include "engine/rivals.h"
#include "engine/score.h"

namespace inlier {

bool IsAcceptable(const Hit& hit, const DecisionOptions& options) {
  return hit.polygon && hit.probability >= options.accept_probability;
}

std::vector<Hypothesis> Decide(std::vector<Hypothesis> hypotheses, double photo_side_px,
                               const EngineOptions& options) {
  std::stable_sort(
      hypotheses.begin(), hypotheses.end(),
      [](const Hypothesis& a, const Hypothesis& b) { return a.hit.score > b.hit.score; });
  std::set<std::pair<ItemNumber, int>> named;
  std::erase_if(hypotheses, [&named](const Hypothesis& hypothesis) {
    if (hypothesis.items.empty()) return true;
    return !named.emplace(hypothesis.items.front(), hypothesis.facing).second;
  });
  const ScoreWeights& weights = WeightsFor(options.extract.method);
  for (auto weaker = hypotheses.begin(); weaker != hypotheses.end(); ++weaker) {
    Hit& hit = weaker->hit;
    const bool outdone =
        std::any_of(hypotheses.begin(), weaker, [&hit](const Hypothesis& stronger) {
          return stronger.hit.accepted && ClaimSamePlace(stronger.hit, hit);
        });
    hit.accepted = !outdone && IsAcceptable(hit, options.decide);
    if (weaker->examined && !hit.accepted)
      hit.reason = ReasonFor(hit, outdone, photo_side_px, weights);
    if (hit.reason != Reason::kDiffers) hit.difference.reset();
  }
  std::stable_sort(
      hypotheses.begin(), hypotheses.end(),
      [](const Hypothesis& a, const Hypothesis& b) { return a.hit.accepted > b.hit.accepted; });
  return hypotheses;
}

void KeepRequested(std::vector<Hypothesis>& hypotheses, const QueryOptions& query) {
  if (!query.all) std::erase_if(hypotheses, [](const auto& h) { return !h.hit.accepted; });
  KeepFirst(hypotheses, query);
}

void KeepFirst(std::vector<Hypothesis>& hypotheses, const QueryOptions& query) {
  const auto most = static_cast<std::size_t>(std::max(query.top, 0));
  if (hypotheses.size() > most) hypotheses.resize(most);
  if (!query.keep_matches) {
    for (Hypothesis& hypothesis : hypotheses) hypothesis.hit.matches.clear();
  }
}

}  // namespace inlier
