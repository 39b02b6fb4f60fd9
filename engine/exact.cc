#include "engine/exact.h"

#include <algorithm>
#include <unordered_map>

namespace inlier {
namespace {

constexpr std::size_t kFacesPerBlock = 64;
constexpr std::size_t kVotes = 10;  // items that one feature of the photo votes for

// The faces that are nearest to one feature of the photo, nearest first, of as many items as get a
// vote and one more. Pictures of one item do not take the place of other items.
class NearestFaces {
 public:
  void Offer(float distance, FaceNumber face, ItemNumber item) {
    if (items_ > kVotes && distance >= nearest_.back().distance) return;
    const auto at = std::upper_bound(
        nearest_.begin(), nearest_.end(), distance,
        [](float d, const Neighbour& neighbour) { return d < neighbour.distance; });
    if (!Has(item)) ++items_;
    nearest_.insert(at, {distance, face, item});
    while (items_ > kVotes + 1) {
      const ItemNumber last = nearest_.back().item;
      nearest_.pop_back();
      if (!Has(last)) --items_;
    }
  }
  void Vote(std::unordered_map<FaceNumber, float>& votes) const {
    // In a small catalogue all items get a vote, and the farthest of them serves as the background.
    const float background = nearest_.empty() ? 0 : nearest_.back().distance;
    if (background <= 0) return;
    for (const Neighbour& neighbour : nearest_) {
      const float ratio = neighbour.distance / background;
      votes[neighbour.face] += 1 - ratio * ratio;
    }
  }

 private:
  struct Neighbour {
    float distance = 0;
    FaceNumber face = 0;
    ItemNumber item = 0;
  };
  bool Has(ItemNumber item) const {
    return std::ranges::find(nearest_, item, &Neighbour::item) != nearest_.end();
  }

  std::vector<Neighbour> nearest_;
  std::size_t items_ = 0;  // that differ
};

}  // namespace

Result<std::vector<Candidate>> ExactShortlist(const Collection& collection,
                                              const PhotoMatcher& photo, int count,
                                              const FaceFilter& filter) {
  std::vector<FaceNumber> numbers;
  INLIER_RETURN_IF_ERROR(collection.ForEachFace([&](FaceNumber number, const FaceRecord& record) {
    const bool passes = filter.empty() || (number < filter.size() && filter[number]);
    if (passes && record.feature_count > 0) numbers.push_back(number);
    return true;
  }));
  std::vector<NearestFaces> nearest(photo.features());
  for (std::size_t begin = 0; begin < numbers.size(); begin += kFacesPerBlock) {
    const auto block = std::span<const FaceNumber>(numbers).subspan(
        begin, std::min(kFacesPerBlock, numbers.size() - begin));
    INLIER_ASSIGN_OR_RETURN(auto keypoints, collection.FetchKeypoints(block));
    INLIER_ASSIGN_OR_RETURN(const auto faces, collection.FetchDescriptors(std::move(keypoints)));
    for (const std::optional<StoredFace>& face : faces) {
      if (!face) continue;
      for (const FeatureMatch& match : photo.NearestOf(face->features))
        nearest[match.photo].Offer(match.distance, face->number, face->record.owners.front());
    }
  }
  std::unordered_map<FaceNumber, float> votes;
  for (const NearestFaces& of_feature : nearest) of_feature.Vote(votes);
  if (numbers.size() == 1) votes[numbers.front()] = 1;  // a single face is its own background
  std::vector<Candidate> candidates;
  for (const auto& [face, sum] : votes) candidates.push_back({face, sum, {}});
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.votes != b.votes ? a.votes > b.votes : a.number < b.number;
  });
  candidates.resize(std::min(candidates.size(), static_cast<std::size_t>(std::max(count, 0))));
  return candidates;
}

}  // namespace inlier
