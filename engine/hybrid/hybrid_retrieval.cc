// Method `hybrid`: finds the same thing by geometry, and similar things by look.
//
// Local features find a thing again by its print, and what they accept is kept as it is. A garment
// has hardly any print, and another one on another side; what is left are its colours (look) and
// what a network makes of it (deep). These two know different things, so the log-odds that they
// give an item are added up, as those of independent witnesses would be, and a line that was fitted
// to the best item of each photo turns the sum into calibrated log-odds (Platt, "Probabilistic
// outputs for support vector machines", 1999). Separate weights for the parts were fitted too, and
// did worse on sets that the fit had not seen (docs/adr/0030-hybrid.md).
#include "engine/hybrid/hybrid_retrieval.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/cancelled.h"
#include "engine/decide.h"
#include "engine/embedding_retrieval.h"
#include "engine/found_items.h"
#include "engine/score.h"

namespace inlier {
namespace {

// Fitted by benchmarks/fit_hybrid.py.
constexpr double kOffset = 1.93, kSlope = 0.57;
// An outline is worth more than its log-odds say: an item that merely looks alike comes before one
// with an outline only when its log-odds are higher by this much.
constexpr double kOutline_nats = 2;
// Beyond this the certainty of a part says nothing more.
constexpr double kMaxLogOdds = 12;

using Lists = std::array<std::vector<Hypothesis>, 1 + kHybridSpaces>;  // local features in front

// The log-odds that one part gives to items.
class Opinion {
 public:
  explicit Opinion(const std::vector<Hypothesis>& listed) {
    for (const Hypothesis& hypothesis : listed) {
      const double log_odds = std::clamp(hypothesis.hit.score, -kMaxLogOdds, kMaxLogOdds);
      of_item_.try_emplace(hypothesis.items.front(), log_odds);
      last_ = std::min(last_, log_odds);
    }
    if (listed.empty()) last_ = -kMaxLogOdds;
  }
  // An item that is not listed counts as if it came after the last one.
  double LogOdds(ItemNumber item) const {
    const auto found = of_item_.find(item);
    return found == of_item_.end() ? last_ : found->second;
  }

 private:
  std::unordered_map<ItemNumber, double> of_item_;
  double last_ = kMaxLogOdds;
};

// An item as the lists have it.
struct Entry {
  const Hypothesis* hypothesis = nullptr;  // of the first list that has it
  const Evidence* deep = nullptr;
  bool compared = false;  // and not only voted for
};

// One for each item, in the order of the lists. Further facings of an item, which are accepted, are
// left out.
std::vector<Entry> EntriesOf(const Lists& lists) {
  std::vector<Entry> entries;
  std::unordered_map<ItemNumber, std::size_t> places;
  for (std::size_t list = 0; list < lists.size(); ++list) {
    for (const Hypothesis& hypothesis : lists[list]) {
      if (hypothesis.facing > 0) continue;
      const ItemNumber item = hypothesis.items.front();
      const auto [place, fresh] = places.try_emplace(item, entries.size());
      if (fresh) entries.push_back({.hypothesis = &hypothesis});
      Entry& entry = entries[place->second];
      if (list > 0 || hypothesis.examined) entry.compared = true;
      if (list == 1 + kEmbeddingSpace) entry.deep = &hypothesis.hit.evidence;
    }
  }
  return entries;
}

// A hit that is not certain to be the same thing gets the more convincing of two kinds: the same
// thing after all, going by its outline, or one that looks alike.
void DecideKind(const Evidence* deep, Hit& hit) {
  Evidence& evidence = hit.evidence;
  if (deep != nullptr) {
    evidence.similarity = deep->similarity;
    evidence.margin = deep->margin;
  }
  const double similar = kOffset + kSlope * (evidence.look_log_odds + evidence.deep_log_odds);
  if (hit.polygon && hit.score + kOutline_nats >= similar) return;
  hit.kind = HitKind::kSimilar;
  hit.score = similar;
  hit.probability = Probability(similar);
}

double Rank(const Hit& hit) { return hit.score + (hit.kind == HitKind::kSame ? kOutline_nats : 0); }

// Accepted hits as they are, and then the others, the most convincing first.
std::vector<Hypothesis> Join(const Lists& lists, bool shortlisted) {
  const std::array<Opinion, 1 + kHybridSpaces> opinions{Opinion(lists[0]), Opinion(lists[1]),
                                                        Opinion(lists[2])};
  const auto with_opinions = [&opinions](Hypothesis hypothesis) {
    const ItemNumber item = hypothesis.items.front();
    hypothesis.hit.evidence.local_log_odds = opinions[0].LogOdds(item);
    hypothesis.hit.evidence.look_log_odds = opinions[1 + kLookSpace].LogOdds(item);
    hypothesis.hit.evidence.deep_log_odds = opinions[1 + kEmbeddingSpace].LogOdds(item);
    return hypothesis;
  };
  std::vector<Hypothesis> joined;
  for (const Hypothesis& hypothesis : lists[0]) {
    if (hypothesis.hit.accepted) joined.push_back(with_opinions(hypothesis));
  }
  const auto accepted = static_cast<std::ptrdiff_t>(joined.size());
  for (const Entry& entry : EntriesOf(lists)) {
    if (entry.hypothesis->hit.accepted || (!entry.compared && !shortlisted)) continue;
    joined.push_back(with_opinions(*entry.hypothesis));
    DecideKind(entry.deep, joined.back().hit);
  }
  std::stable_sort(
      joined.begin() + accepted, joined.end(),
      [](const Hypothesis& a, const Hypothesis& b) { return Rank(a.hit) > Rank(b.hit); });
  return joined;
}

// What looks alike is named when nothing is accepted, and then only that.
void KeepSimilar(std::vector<Hypothesis>& hypotheses, double least_probability) {
  const bool found = !hypotheses.empty() && hypotheses.front().hit.accepted;
  std::erase_if(hypotheses, [&](const Hypothesis& hypothesis) {
    const Hit& hit = hypothesis.hit;
    if (found) return !hit.accepted;
    return hit.kind != HitKind::kSimilar || hit.probability < least_probability;
  });
}

}  // namespace

Status HybridRetrieval::Find(const CatalogueView& catalogue, const Question& question,
                             StageClock& clock, Answer& answer) const {
  const Question of_local{.photo = question.photo,
                          .features = question.features,
                          .query = question.query,
                          .extractor = *extractor_,
                          .read = question.read};
  Lists lists;
  INLIER_ASSIGN_OR_RETURN(
      lists[0], local_->FindHypotheses(catalogue, of_local, /*shortlisted=*/true, clock, answer));
  INLIER_RETURN_IF_ERROR(CheckCancelled(question.query));
  const std::vector<Features>& globals = question.features.globals;
  for (std::size_t space = 0; space < kHybridSpaces; ++space) {
    INLIER_ASSIGN_OR_RETURN(lists[1 + space], NearestItems(catalogue, globals.at(space), space,
                                                           calibrations_[space], options_.decide));
    for (Hypothesis& hypothesis : lists[1 + space]) {
      hypothesis.hit.accepted = false;  // not for looking alike
      hypothesis.hit.polygon.reset();   // which part of the photo was nearest is no outline
    }
  }
  clock.Lap(answer, &Timings::shortlist_ms);
  auto hypotheses = Join(lists, question.query.shortlisted);
  if (!question.query.all) KeepSimilar(hypotheses, options_.decide.similar_probability);
  KeepFirst(hypotheses, question.query);
  INLIER_ASSIGN_OR_RETURN(answer.hits, NameItems(catalogue, std::move(hypotheses)));
  clock.Lap(answer, &Timings::verify_ms);
  return {};
}

Result<Comparison> HybridRetrieval::Compare(const Image& photo, const Features& of_photo,
                                            const StoredFace& face) const {
  return local_->Compare(photo, of_photo, face);
}

}  // namespace inlier
