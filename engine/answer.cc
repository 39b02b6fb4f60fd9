#include "engine/answer.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "core/image.h"
#include "engine/decision.h"

namespace inlier {
namespace {

constexpr int kPreviewSide_px = 96;
constexpr int kPreviewQuality = 92;
// Poses of voting pairs that agree by chance have a support of 8 to 13. From this one on a
// candidate is matched whatever the others gave, so that all items of a photo are found; the least
// support of an accepted hit in EVALUATION.md's photos is 20.
constexpr int kRealSupport = 18;
// While no hit is accepted, at least as many are matched. More change no first hit of those photos
// for the better on the whole.
constexpr std::size_t kMatchedInDoubt = 3;
// Two hits claim the same place when this share of the weaker one's inliers is the stronger one's
// too or lies within its outline.
constexpr double kSamePlace = 0.5;

struct Judged {
  Hit hit;
  std::vector<FeatureMatch> inliers;
  bool gone = false;
};

// An item's place in the shortlist, and how many of its voting pairs agree on a pose.
struct Prospect {
  std::size_t item = 0;
  int support = 0;
};

// Best first, ties in the order of votes. Without a vocabulary there are no pairs, and all items
// are alike.
std::vector<Prospect> ByPose(const PhotoMatcher& matcher, std::span<const StoredItem> items,
                             const std::unordered_map<ItemNumber, const Candidate*>& votes) {
  std::vector<Prospect> prospects;
  std::vector<FeatureMatch> pairs;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Features& features = items[i].features;
    pairs.clear();
    for (const VotingPair& pair : votes.at(items[i].number)->pairs) {
      if (pair.item < features.size()) {
        pairs.push_back({pair.photo, pair.item, static_cast<float>(pair.distance_bits)});
      }
    }
    prospects.push_back({i, matcher.PoseSupport(features, pairs)});
  }
  std::stable_sort(prospects.begin(), prospects.end(),
                   [](const Prospect& a, const Prospect& b) { return a.support > b.support; });
  return prospects;
}

// What the votes say of each item.
class VoteEvidence {
 public:
  explicit VoteEvidence(std::span<const Candidate> shortlist) {
    for (const Candidate& candidate : shortlist) {
      if (candidate.votes > best_) {
        second_ = best_;
        best_ = candidate.votes;
      } else {
        second_ = std::max(second_, candidate.votes);
      }
    }
  }
  void Tell(float own, Evidence& e) const {
    e.votes = best_ > 0 ? own / best_ : 0;
    const float rival = own == best_ ? second_ : best_;
    e.vote_margin = rival > 0 && own > 0 ? std::log(own / rival) : 0;
  }

 private:
  float best_ = 0, second_ = 0;
};

// Matches, verifies and compares one item. Evidence on the votes is there already.
void Judge(const PhotoView& photo, const StoredItem& item, Judged& j) {
  Evidence& e = j.hit.evidence;
  const std::vector<FeatureMatch> matches = photo.matcher.Match(item.features);
  e.matches = static_cast<int>(matches.size());
  const auto geometry = photo.matcher.Verify(item.features, matches);
  if (geometry) {
    e.inliers = static_cast<int>(geometry->inliers.size());
    e.item_coverage = geometry->item_coverage;
    e.photo_share = geometry->photo_share;
    j.hit.polygon = geometry->polygon;
    j.hit.inliers = e.inliers;
    j.inliers = geometry->inliers;
    for (const FeatureMatch& match : j.inliers) {
      j.hit.matches.push_back(
          {photo.features.keypoints[match.photo].point, item.features.keypoints[match.item].point});
    }
    const std::string& bytes = item.preview;
    if (const auto preview =
            DecodeImage({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()})) {
      const Appearance a =
          photo.appearance.Compare(*preview, item.features.image_width_px,
                                   item.features.image_height_px, geometry->photo_from_item);
      e.agreement = a.agreement;
      e.colour = a.colour;
      e.colour_shift = a.colour_shift;
      e.colour_error = a.colour_error;
      e.visible = a.visible;
    }
  }
  j.hit.score = Score(e);
  j.hit.probability = Probability(j.hit.score);
}

bool SamePlace(const Features& photo, const Judged& stronger, const Judged& weaker) {
  if (weaker.inliers.empty()) return false;
  std::size_t inside = 0;
  for (const FeatureMatch& match : weaker.inliers) {
    inside += Contains(*stronger.hit.polygon, photo.keypoints[match.photo].point);
  }
  return static_cast<double>(inside) > kSamePlace * static_cast<double>(weaker.inliers.size());
}

}  // namespace

std::string MakePreview(const Image& image) {
  const int side = std::max(image.width_px, image.height_px);
  const auto bytes = EncodeJpeg(
      side > kPreviewSide_px ? ResizeLongSide(image, kPreviewSide_px) : image, kPreviewQuality);
  return {bytes.begin(), bytes.end()};
}

Result<std::vector<Hit>> JudgeCandidates(const PhotoView& photo, std::vector<StoredItem> items,
                                         std::span<const Candidate> shortlist,
                                         const DecisionOptions& options,
                                         const CompleteItems& complete) {
  std::unordered_map<ItemNumber, const Candidate*> votes;
  for (const Candidate& candidate : shortlist) votes[candidate.number] = &candidate;
  const VoteEvidence vote_evidence(shortlist);
  std::vector<Judged> judged(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    Hit& hit = judged[i].hit;
    vote_evidence.Tell(votes.at(items[i].number)->votes, hit.evidence);
    hit.id = items[i].record.id;
    hit.metadata = items[i].record.metadata;
    hit.image_path = items[i].record.image_path;
    hit.score = Score(hit.evidence);
    hit.probability = Probability(hit.score);
  }

  const auto acceptable = [&options](const Judged& j) {
    return j.hit.polygon && j.hit.probability >= options.accept_probability;
  };
  // Matches the prospects up to `end`, once each.
  std::size_t matched = 0;
  std::vector<Prospect> prospects;
  const auto match_to = [&](std::size_t end) -> Status {
    std::vector<StoredItem*> chosen;
    for (std::size_t k = matched; k < end; ++k) chosen.push_back(&items[prospects[k].item]);
    INLIER_RETURN_IF_ERROR(complete(chosen));
    for (; matched < end; ++matched) {
      const StoredItem& item = items[prospects[matched].item];
      Judged& j = judged[prospects[matched].item];
      // Removed since the shortlist was made.
      j.gone = item.features.descriptors.empty() && item.features.size() > 0;
      if (!j.gone) Judge(photo, item, j);
    }
    return {};
  };
  const auto most = std::min(items.size(), static_cast<std::size_t>(options.rematched));
  const bool by_pose = items.size() > most &&
                       std::any_of(votes.begin(), votes.end(),
                                   [](const auto& vote) { return !vote.second->pairs.empty(); });
  if (by_pose) {
    prospects = ByPose(photo.matcher, items, votes);
    const auto real = std::find_if(prospects.begin(), prospects.end(),
                                   [](const Prospect& p) { return p.support < kRealSupport; });
    INLIER_RETURN_IF_ERROR(match_to(std::clamp<std::size_t>(real - prospects.begin(), 1, most)));
    const bool clear = std::any_of(judged.begin(), judged.end(), acceptable);
    if (!clear)
      INLIER_RETURN_IF_ERROR(match_to(std::max(matched, std::min(most, kMatchedInDoubt))));
  } else {
    for (std::size_t i = 0; i < items.size(); ++i) prospects.push_back({i});
    INLIER_RETURN_IF_ERROR(match_to(items.size()));
  }
  std::erase_if(judged, [](const Judged& j) { return j.gone; });
  std::stable_sort(judged.begin(), judged.end(),
                   [](const Judged& a, const Judged& b) { return a.hit.score > b.hit.score; });
  for (std::size_t i = 0; i < judged.size(); ++i) {
    Judged& j = judged[i];
    if (!acceptable(j)) continue;
    j.hit.accepted =
        std::none_of(judged.begin(), judged.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](const Judged& stronger) {
                       return stronger.hit.accepted && SamePlace(photo.features, stronger, j);
                     });
  }
  std::vector<Hit> hits;
  for (Judged& j : judged) hits.push_back(std::move(j.hit));
  std::stable_sort(hits.begin(), hits.end(),
                   [](const Hit& a, const Hit& b) { return a.accepted > b.accepted; });
  return hits;
}

void KeepRequested(std::vector<Hit>& hits, const QueryOptions& options) {
  if (!options.all) std::erase_if(hits, [](const Hit& hit) { return !hit.accepted; });
  if (hits.size() > static_cast<std::size_t>(std::max(options.top, 0))) {
    hits.resize(static_cast<std::size_t>(std::max(options.top, 0)));
  }
  if (!options.keep_matches) {
    for (Hit& hit : hits) hit.matches.clear();
  }
}

}  // namespace inlier
