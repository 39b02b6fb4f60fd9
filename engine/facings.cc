// The matches of a face are one-to-one, so that the first match of an item that stands there six
// times finds a share of each facing, and the facing with the most matches gives the outline. The
// features within that outline are taken out of the photo's before the next facing is sought. A
// facing that was found in this way is matched again with the features around it alone, since the
// others have taken some of its matches.
#include "engine/facings.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/decide.h"
#include "engine/rivals.h"
#include "engine/voted_pose.h"
#include "matcher/outline.h"

namespace inlier {
namespace {

using Outline = std::array<Point, 4>;

constexpr float kMargin = 0.1F;  // around an outline, of its distance from the middle

bool IsWithinAny(std::span<const Outline> outlines, Point p) {
  return std::ranges::any_of(outlines, [p](const Outline& o) { return Contains(o, p); });
}

std::vector<VotingPair> PairsOutside(const Candidate& candidate, const Features& photo,
                                     std::span<const Outline> outlines) {
  std::vector<VotingPair> outside;
  std::ranges::copy_if(candidate.pairs, std::back_inserter(outside), [&](const VotingPair& pair) {
    return !IsWithinAny(outlines, photo.keypoints[pair.photo].point);
  });
  return outside;
}

template <class Wanted>
Features Select(const Features& features, const Wanted& wanted) {
  Features selected = features;
  selected.keypoints.clear();
  selected.descriptors.clear();
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (!wanted(features.keypoints[i].point)) continue;
    selected.keypoints.push_back(features.keypoints[i]);
    const auto row = features.row(i);
    selected.descriptors.insert(selected.descriptors.end(), row.begin(), row.end());
  }
  return selected;
}

Outline Enlarged(const Outline& outline) {
  Point middle{};
  for (const Point& p : outline) middle = {middle.x_px + p.x_px / 4, middle.y_px + p.y_px / 4};
  Outline enlarged = outline;
  for (Point& p : enlarged) {
    p.x_px += kMargin * (p.x_px - middle.x_px);
    p.y_px += kMargin * (p.y_px - middle.y_px);
  }
  return enlarged;
}

// The search for the further facings of one face.
class Search {
 public:
  Search(const LookedAt& look, const Candidate& candidate, const StoredFace& face,
         const EngineOptions& options, const Hypothesis& first)
      : look_(look), candidate_(candidate), face_(face), options_(options), first_(first) {
    outlines_.push_back(*first.hit.polygon);
  }

  // The next facing, if there is another.
  std::optional<Hypothesis> Next() {
    if (!MayBeThere()) return std::nullopt;
    const Features rest =
        Select(look_.features, [this](Point p) { return !IsWithinAny(outlines_, p); });
    Hypothesis facing = MatchWith(rest);
    if (!facing.hit.polygon) return std::nullopt;
    const Outline around = Enlarged(*facing.hit.polygon);
    const Features own = Select(rest, [&around](Point p) { return Contains(around, p); });
    Hypothesis alone = MatchWith(own);
    if (alone.hit.polygon && alone.hit.score > facing.hit.score) facing = std::move(alone);
    if (!IsAcceptable(facing.hit, options_.decide)) return std::nullopt;
    outlines_.push_back(*facing.hit.polygon);
    return facing;
  }

 private:
  // Whether enough of what voted for the face lies outside the facings so far, in one pose.
  bool MayBeThere() const {
    const Candidate outside{.number = candidate_.number,
                            .votes = candidate_.votes,
                            .pairs = PairsOutside(candidate_, look_.features, outlines_)};
    return outside.pairs.size() >= kRealSupport &&
           VotedPoseSupport(look_.view.matcher, face_.features, outside) >= kRealSupport;
  }

  // The face in the photo with these of the photo's features. What votes say about the face holds
  // for all of its facings.
  Hypothesis MatchWith(const Features& features) const {
    const PhotoView view(look_.view, features, options_);
    Hypothesis facing = first_;
    facing.hit.polygon.reset();
    facing.facing = static_cast<int>(outlines_.size());
    MatchInFull(view, face_, facing);
    Rescore(view.weights, facing.hit);
    return facing;
  }

  const LookedAt& look_;
  const Candidate& candidate_;
  const StoredFace& face_;
  const EngineOptions& options_;
  const Hypothesis& first_;
  std::vector<Outline> outlines_;  // of the facings so far
};

// Whether a hypothesis is the best in its place.
bool LeadsItsPlace(const Hypothesis& own, std::span<const Hypothesis> all) {
  return std::ranges::none_of(all, [&own](const Hypothesis& other) {
    return &other != &own && other.hit.score > own.hit.score && ClaimSamePlace(other.hit, own.hit);
  });
}

}  // namespace

Status FindFacings(const CatalogueView& catalogue, const LookedAt& look,
                   const EngineOptions& options, std::vector<Hypothesis>& hypotheses) {
  std::vector<Hypothesis> found;
  for (const Hypothesis& first : hypotheses) {
    if (!IsAcceptable(first.hit, options.decide) || !LeadsItsPlace(first, hypotheses)) continue;
    const auto candidate = std::ranges::find(look.shortlist, first.face, &Candidate::number);
    if (candidate == look.shortlist.end() || options.decide.facings < 2) continue;
    if (PairsOutside(*candidate, look.features, {&*first.hit.polygon, 1}).size() < kRealSupport)
      continue;  // nothing needs to be read
    INLIER_ASSIGN_OR_RETURN(const auto face, FetchWholeFace(catalogue, first.face));
    if (!face) continue;  // removed meanwhile
    Search search(look, *candidate, *face, options, first);
    for (int facings = 1; facings < options.decide.facings; ++facings) {
      auto next = search.Next();
      if (!next) break;
      found.push_back(*std::move(next));
    }
  }
  std::ranges::move(found, std::back_inserter(hypotheses));
  return {};
}

}  // namespace inlier
