#include "engine/exact.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

#include "engine/cancelled.h"
#include "index/feature_counts.h"
#include "matcher/matcher.h"

namespace inlier {
namespace {

constexpr std::size_t kFacesPerBlock = 64;
constexpr std::size_t kVotes = 10;  // items that one feature of the photo votes for

bool ComesBefore(const ExactNeighbour& a, const ExactNeighbour& b) {
  return a.distance != b.distance ? a.distance < b.distance
                                  : KeyComesBefore(a.key, a.face, b.key, b.face);
}

bool Has(std::span<const ExactNeighbour> nearest, ItemNumber item) {
  return std::ranges::find(nearest, item, &ExactNeighbour::item) != nearest.end();
}

// Enters a face among the nearest, which end with the first face of the last item. Further pictures
// of one item do not take the place of other items.
void Offer(const ExactNeighbour& face, std::size_t& items, std::vector<ExactNeighbour>& nearest) {
  if (items > kVotes && !ComesBefore(face, nearest.back())) return;
  if (!Has(nearest, face.item)) ++items;
  nearest.insert(std::ranges::upper_bound(nearest, face, ComesBefore), face);
  while (items > kVotes) {
    const std::span<const ExactNeighbour> others(nearest.data(), nearest.size() - 1);
    const std::size_t left = items - !Has(others, nearest.back().item);
    if (left <= kVotes) break;
    nearest.pop_back();
    items = left;
  }
}

std::size_t CountItems(std::span<const ExactNeighbour> nearest) {
  std::size_t items = 0;
  for (std::size_t i = 0; i < nearest.size(); ++i) items += !Has(nearest.first(i), nearest[i].item);
  return items;
}

}  // namespace

Result<ExactNeighbours> FindNeighbours(const Collection& collection, const Features& photo,
                                       const FaceFilter& filter, const QueryOptions& limits) {
  std::vector<FaceNumber> numbers;
  INLIER_RETURN_IF_ERROR(collection.ForEachFace([&](FaceNumber number, const FaceRecord& record) {
    const bool passes = filter.empty() || (number < filter.size() && filter[number]);
    if (passes && record.feature_count > 0) numbers.push_back(number);
    return true;
  }));
  const PhotoMatcher matcher(photo, {});
  ExactNeighbours nearest{.of_feature = std::vector<std::vector<ExactNeighbour>>(photo.size()),
                          .faces = numbers.size()};
  std::vector<std::size_t> items(photo.size());
  for (std::size_t begin = 0; begin < numbers.size(); begin += kFacesPerBlock) {
    INLIER_RETURN_IF_ERROR(CheckCancelled(limits));
    const auto block = std::span<const FaceNumber>(numbers).subspan(
        begin, std::min(kFacesPerBlock, numbers.size() - begin));
    INLIER_ASSIGN_OR_RETURN(auto keypoints, collection.FetchKeypoints(block));
    INLIER_ASSIGN_OR_RETURN(const auto faces, collection.FetchDescriptors(std::move(keypoints)));
    for (const std::optional<StoredFace>& face : faces) {
      if (!face) continue;
      const std::uint32_t key = KeyOf(face->features);
      for (const FeatureMatch& match : matcher.NearestOf(face->features))
        Offer({match.distance, face->number, face->record.owners.front(), key}, items[match.photo],
              nearest.of_feature[match.photo]);
    }
  }
  return nearest;
}

void Merge(const ExactNeighbours& part, ExactNeighbours& all) {
  all.faces += part.faces;
  all.of_feature.resize(part.of_feature.size());
  for (std::size_t i = 0; i < part.of_feature.size(); ++i) {
    std::size_t items = CountItems(all.of_feature[i]);
    for (const ExactNeighbour& face : part.of_feature[i]) Offer(face, items, all.of_feature[i]);
  }
}

std::vector<Candidate> VoteExactly(const ExactNeighbours& nearest, int count) {
  struct Votes {
    float sum = 0;
    std::uint32_t key = 0;
  };
  std::unordered_map<FaceNumber, Votes> votes;
  for (const auto& of_feature : nearest.of_feature) {
    // In a small catalogue all items get a vote, and the farthest of them serves as the background.
    // A single face is its own background.
    const float background = of_feature.empty() ? 0 : of_feature.back().distance;
    if (background <= 0 && nearest.faces != 1) continue;
    for (const ExactNeighbour& neighbour : of_feature) {
      Votes& of_face = votes[neighbour.face];
      of_face.key = neighbour.key;
      const float ratio = neighbour.distance / background;
      of_face.sum = nearest.faces == 1 ? 1 : of_face.sum + 1 - ratio * ratio;
    }
  }
  std::vector<std::pair<Candidate, std::uint32_t>> faces;
  for (const auto& [face, of_face] : votes) faces.push_back({{face, of_face.sum, {}}, of_face.key});
  std::ranges::sort(faces, [](const auto& a, const auto& b) {
    return a.first.votes != b.first.votes
               ? a.first.votes > b.first.votes
               : KeyComesBefore(a.second, a.first.number, b.second, b.first.number);
  });
  faces.resize(std::min(faces.size(), static_cast<std::size_t>(std::max(count, 0))));
  std::vector<Candidate> candidates;
  for (auto& [candidate, key] : faces) candidates.push_back(std::move(candidate));
  return candidates;
}

}  // namespace inlier
