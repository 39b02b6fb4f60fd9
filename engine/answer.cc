#include "engine/answer.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace inlier {
namespace {

constexpr int kPreviewSide_px = 96;
constexpr int kPreviewQuality = 92;
// Of the shortlist, the best by votes and by pose are matched in full whatever their support, others only
// from this support on: chance gives 8 to 13. Full matches of twelve in every case gave the same first
// hits but one of 332, at 30 ms more a photo.
constexpr std::size_t kBestByVotes = 2;
constexpr std::size_t kAlwaysMatched = 4;
constexpr int kWorthAMatch = 15;
// Appearance is compared for the best by geometry; the others cannot win any more.
constexpr std::size_t kMaxCompared = 20;
// Two hits claim the same place when this share of the weaker one's inliers is the stronger one's too
// or lies within its outline.
constexpr double kSamePlace = 0.5;

struct Judged {
  Hit hit;
  std::vector<FeatureMatch> inliers;
  const StoredItem* item = nullptr;
  std::optional<Geometry> geometry;
};

// The candidates that are worth a full match: the best by votes, and the best by the poses that their
// voting pairs agree on.
std::vector<bool> Promising(const PhotoMatcher& matcher, std::span<const StoredItem> items,
                            const std::unordered_map<ItemNumber, const Candidate*>& votes,
                            const DecisionOptions& options) {
  const auto wanted = static_cast<std::size_t>(options.rematched);
  // Without a vocabulary there are no pairs, and few items.
  const bool all = items.size() <= std::max(wanted, kBestByVotes) ||
                   std::all_of(votes.begin(), votes.end(), [](const auto& vote) { return vote.second->pairs.empty(); });
  std::vector<bool> promising(items.size(), all);
  if (all) return promising;
  std::vector<std::pair<int, std::size_t>> order;  // ties in the order of votes
  for (std::size_t i = 0; i < items.size(); ++i) {
    const StoredItem& item = items[i];
    std::vector<FeatureMatch> pairs;
    for (const VotingPair& pair : votes.at(item.number)->pairs) {
      if (pair.item < item.features.size()) {
        pairs.push_back({pair.photo, pair.item, static_cast<float>(pair.distance_bits)});
      }
    }
    const int support = matcher.PoseSupport(item.features, std::move(pairs));
    order.emplace_back(-support, i);
  }
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < kBestByVotes; ++i) promising[i] = true;
  std::size_t chosen = kBestByVotes;
  for (const auto& [support, i] : order) {
    if (chosen == wanted || (chosen >= kAlwaysMatched && -support < kWorthAMatch)) break;
    if (!promising[i]) ++chosen;
    promising[i] = true;
  }
  return promising;
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
  const auto bytes =
      EncodeJpeg(side > kPreviewSide_px ? ResizeLongSide(image, kPreviewSide_px) : image, kPreviewQuality);
  return {bytes.begin(), bytes.end()};
}

Result<std::vector<Hit>> JudgeCandidates(const PhotoView& photo, std::vector<StoredItem> items,
                                         std::span<const Candidate> shortlist, const DecisionOptions& options,
                                         const CompleteItems& complete) {
  std::unordered_map<ItemNumber, const Candidate*> votes;
  float best = 0, second = 0;
  for (const Candidate& candidate : shortlist) {
    votes[candidate.number] = &candidate;
    if (candidate.votes > best) {
      second = best;
      best = candidate.votes;
    } else {
      second = std::max(second, candidate.votes);
    }
  }
  const std::vector<bool> promising = Promising(photo.matcher, items, votes, options);
  std::vector<StoredItem*> chosen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (promising[i]) chosen.push_back(&items[i]);
  }
  INLIER_RETURN_IF_ERROR(complete(chosen));
  std::vector<Judged> judged;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const StoredItem& item = items[i];
    Judged j{.item = &item};
    std::vector<FeatureMatch> matches;
    if (promising[i]) {
      matches = photo.matcher.Match(item.features);
      j.geometry = photo.matcher.Verify(item.features, matches);
    }
    Evidence& e = j.hit.evidence;
    const float own = votes.at(item.number)->votes;
    e.votes = best > 0 ? own / best : 0;
    const float rival = own == best ? second : best;
    e.vote_margin = rival > 0 && own > 0 ? std::log(own / rival) : 0;
    e.matches = static_cast<int>(matches.size());
    if (j.geometry) {
      e.inliers = static_cast<int>(j.geometry->inliers.size());
      e.item_coverage = j.geometry->item_coverage;
      e.photo_share = j.geometry->photo_share;
      j.hit.polygon = j.geometry->polygon;
      j.hit.inliers = e.inliers;
      j.inliers = j.geometry->inliers;
    }
    judged.push_back(std::move(j));
  }
  std::stable_sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) {
    return a.hit.inliers > b.hit.inliers;
  });
  for (std::size_t i = 0; i < judged.size(); ++i) {
    Judged& j = judged[i];
    if (j.geometry && i < kMaxCompared) {
      const std::string& bytes = j.item->preview;
      const auto preview = DecodeImage({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
      if (preview) {
        const Appearance a = photo.appearance.Compare(*preview, j.item->features.image_width_px,
                                                      j.item->features.image_height_px,
                                                      j.geometry->photo_from_item);
        Evidence& e = j.hit.evidence;
        e.agreement = a.agreement;
        e.colour = a.colour;
        e.colour_shift = a.colour_shift;
        e.colour_error = a.colour_error;
        e.visible = a.visible;
      }
    }
    j.hit.id = j.item->record.id;
    j.hit.metadata = j.item->record.metadata;
    j.hit.image_path = j.item->record.image_path;
    j.hit.score = Score(j.hit.evidence);
    j.hit.probability = Probability(j.hit.score);
    for (const FeatureMatch& match : j.inliers) {
      j.hit.matches.push_back({photo.features.keypoints[match.photo].point,
                               j.item->features.keypoints[match.item].point});
    }
  }
  std::stable_sort(judged.begin(), judged.end(),
                   [](const Judged& a, const Judged& b) { return a.hit.score > b.hit.score; });
  for (std::size_t i = 0; i < judged.size(); ++i) {
    Judged& j = judged[i];
    if (!j.hit.polygon || j.hit.probability < options.accept_probability) continue;
    j.hit.accepted = std::none_of(judged.begin(), judged.begin() + static_cast<std::ptrdiff_t>(i),
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

void Trim(std::vector<Hit>& hits, const QueryOptions& options) {
  if (!options.all) std::erase_if(hits, [](const Hit& hit) { return !hit.accepted; });
  if (hits.size() > static_cast<std::size_t>(std::max(options.top, 0))) {
    hits.resize(static_cast<std::size_t>(std::max(options.top, 0)));
  }
  if (!options.keep_matches) {
    for (Hit& hit : hits) hit.matches.clear();
  }
}

}  // namespace inlier
