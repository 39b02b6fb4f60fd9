// Turns a shortlist into hypotheses. Matching a face in full costs a millisecond and the read of
// its descriptors, so the faces are first ranked by something cheap: how many of the pairs that
// voted for a face agree on one pose (matcher/model_search.h). Faces whose support is above chance
// are matched in full, verified by geometry and compared by appearance. When none of them is
// acceptable, a few more are matched; otherwise the search stops there.
// docs/evaluation/history.md has what that loses.
#include "engine/rerank.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "engine/decide.h"
#include "engine/found_items.h"
#include "engine/rivals.h"
#include "engine/voted_pose.h"

namespace inlier {
namespace {

// While no hit is acceptable, at least this many are matched. Matching more was tried and does not
// improve the first hits of those photos on the whole.
constexpr std::size_t kMatchedInDoubt = 3;

// A feature that fits at least this many of an item's features belongs to a pattern.
constexpr int kManyPlaces = 3;
constexpr std::size_t kFewVoters = 30;

// A face's place in the shortlist, and how many of its voting pairs agree on a pose.
struct Prospect {
  std::size_t face = 0;
  int support = 0;
};

using CandidatesByFace = std::unordered_map<FaceNumber, const Candidate*>;

// Best first, ties in the order of votes.
std::vector<Prospect> RankByPose(const PhotoMatcher& matcher, std::span<const FaceKeypoints> faces,
                                 const CandidatesByFace& candidates) {
  std::vector<Prospect> prospects;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const Candidate& candidate = *candidates.at(faces[i].number);
    prospects.push_back({i, VotedPoseSupport(matcher, faces[i].features, candidate)});
  }
  std::stable_sort(prospects.begin(), prospects.end(),
                   [](const Prospect& a, const Prospect& b) { return a.support > b.support; });
  return prospects;
}

// The share of a photo's features that voted for the candidate which voted for many of its features
// at once, as those of a pattern do. 0 when few voted.
double Repeats(const Candidate& candidate) {
  std::unordered_map<std::uint16_t, int> votes;
  for (const VotingPair& pair : candidate.pairs) ++votes[pair.photo];
  if (votes.size() < kFewVoters) return 0;
  const auto of_many =
      std::ranges::count_if(votes, [](const auto& entry) { return entry.second >= kManyPlaces; });
  return static_cast<double>(of_many) / static_cast<double>(votes.size());
}

// Enters what the votes of a shortlist say about each hypothesis. Its rival is the candidate with
// the most votes that is neither another picture of the same item nor a twin.
void AddVotes(const std::vector<float>& votes, std::vector<Hypothesis>& hypotheses) {
  std::vector<std::size_t> order(votes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&votes](std::size_t a, std::size_t b) { return votes[a] > votes[b]; });
  const float best = votes.empty() ? 0 : votes[order.front()];
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    const auto rival = std::ranges::find_if(order, [&](std::size_t other) {
      return other != i && !AreTheSame(hypotheses[i], hypotheses[other]);
    });
    const float own = votes[i], others = rival == order.end() ? 0 : votes[*rival];
    Evidence& e = hypotheses[i].hit.evidence;
    e.votes = best > 0 ? own / best : 0;
    e.vote_margin = others > 0 && own > 0 ? std::log(own / others) : 0;
  }
}

// The state of one rerank: hypotheses in the order of the shortlist, some of them matched in full.
class Reranker {
 public:
  Reranker(const PhotoView& photo, std::vector<FaceKeypoints> faces,
           std::span<const Candidate> shortlist, const DecisionOptions& options,
           const FetchWholeFaces& fetch)
      : photo_(photo), faces_(std::move(faces)), options_(options), fetch_(fetch) {
    for (const Candidate& candidate : shortlist) candidates_[candidate.number] = &candidate;
    std::vector<float> votes;
    for (const FaceKeypoints& face : faces_) {
      hypotheses_.push_back(HypothesisOf(face.number, face.record));
      votes.push_back(candidates_.at(face.number)->votes);
      hypotheses_.back().hit.evidence.repeats = Repeats(*candidates_.at(face.number));
    }
    AddVotes(votes, hypotheses_);
    RescoreAll();
    gone_.resize(faces_.size());
  }

  Status Run() {
    const auto most = std::min(faces_.size(), static_cast<std::size_t>(options_.rematched));
    if (faces_.size() <= most || !HavePairs()) {
      // Without a vocabulary there are no pairs, and all faces are alike.
      for (std::size_t i = 0; i < faces_.size(); ++i) prospects_.push_back({i});
      return MatchUpTo(faces_.size());
    }
    prospects_ = RankByPose(photo_.matcher, faces_, candidates_);
    // A face with support above chance is matched whatever the others gave, so that all items are
    // found.
    const auto chance = std::ranges::find_if(
        prospects_, [](const Prospect& prospect) { return prospect.support < kRealSupport; });
    INLIER_RETURN_IF_ERROR(
        MatchUpTo(std::clamp<std::size_t>(chance - prospects_.begin(), 1, most)));
    const bool found = std::ranges::any_of(hypotheses_, [this](const Hypothesis& hypothesis) {
      return IsAcceptable(hypothesis.hit, options_);
    });
    return found ? Status() : MatchUpTo(std::max(matched_, std::min(most, kMatchedInDoubt)));
  }

  std::vector<Hypothesis> Take() && {
    std::vector<Hypothesis> taken;
    for (std::size_t i = 0; i < hypotheses_.size(); ++i) {
      if (!gone_[i]) taken.push_back(std::move(hypotheses_[i]));
    }
    return taken;
  }

 private:
  bool HavePairs() const {
    return std::ranges::any_of(candidates_,
                               [](const auto& entry) { return !entry.second->pairs.empty(); });
  }

  // Matches the prospects before `end` that are not matched yet.
  Status MatchUpTo(std::size_t end) {
    std::vector<FaceKeypoints> chosen;
    for (std::size_t k = matched_; k < end; ++k)
      chosen.push_back(std::move(faces_[prospects_[k].face]));
    INLIER_ASSIGN_OR_RETURN(const auto whole, fetch_(std::move(chosen)));
    for (const std::optional<StoredFace>& face : whole) {
      const std::size_t i = prospects_[matched_++].face;
      gone_[i] = !face;  // removed since the shortlist was made
      if (face) MatchInFull(photo_, *face, hypotheses_[i]);
    }
    CompareRivals(hypotheses_);
    RescoreAll();
    return {};
  }

  void RescoreAll() {
    for (Hypothesis& hypothesis : hypotheses_) Rescore(photo_.weights, hypothesis.hit);
  }

  const PhotoView& photo_;
  std::vector<FaceKeypoints> faces_;  // those that are matched have been moved from
  const DecisionOptions& options_;
  const FetchWholeFaces& fetch_;
  CandidatesByFace candidates_;
  std::vector<Hypothesis> hypotheses_;  // of `faces_`
  std::vector<bool> gone_;              // of `faces_`
  std::vector<Prospect> prospects_;     // best first
  std::size_t matched_ = 0;             // of `prospects_`
};

}  // namespace

Result<std::vector<Hypothesis>> Rerank(const PhotoView& photo, std::vector<FaceKeypoints> faces,
                                       std::span<const Candidate> shortlist,
                                       const DecisionOptions& options,
                                       const FetchWholeFaces& fetch) {
  Reranker reranker(photo, std::move(faces), shortlist, options, fetch);
  INLIER_RETURN_IF_ERROR(reranker.Run());
  return std::move(reranker).Take();
}

}  // namespace inlier
