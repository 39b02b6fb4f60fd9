#include "engine/exact.h"

#include <algorithm>
#include <unordered_map>

namespace inlier {
namespace {

constexpr std::size_t kItemsPerBlock = 64;
constexpr std::size_t kVotes = 10;  // that one feature of the photo gives

// The items that are nearest to one feature of the photo, nearest first.
class NearestItems {
 public:
  void Offer(float distance, ItemNumber item) {
    if (nearest_.size() > kVotes && distance >= nearest_.back().first) return;
    const auto at = std::upper_bound(nearest_.begin(), nearest_.end(), distance,
                                     [](float d, const auto& entry) { return d < entry.first; });
    nearest_.insert(at, {distance, item});
    if (nearest_.size() > kVotes + 1) nearest_.pop_back();
  }
  void Vote(std::unordered_map<ItemNumber, float>& votes) const {
    // In a small catalogue all items get a vote, and the farthest of them serves as the background.
    const float background = nearest_.empty() ? 0 : nearest_.back().first;
    if (background <= 0) return;
    for (const auto& [distance, item] : nearest_) {
      const float ratio = distance / background;
      votes[item] += 1 - ratio * ratio;
    }
  }

 private:
  std::vector<std::pair<float, ItemNumber>> nearest_;
};

}  // namespace

Result<std::vector<Candidate>> ExactShortlist(const Collection& collection,
                                              const PhotoMatcher& photo, int count,
                                              const ItemFilter& filter) {
  std::vector<ItemNumber> numbers;
  INLIER_RETURN_IF_ERROR(collection.ForEach([&](ItemNumber number, const ItemRecord& record) {
    const bool passes = filter.empty() || (number < filter.size() && filter[number]);
    if (passes && record.feature_count > 0) numbers.push_back(number);
    return true;
  }));
  std::vector<NearestItems> nearest(photo.features());
  for (std::size_t begin = 0; begin < numbers.size(); begin += kItemsPerBlock) {
    const auto block = std::span<const ItemNumber>(numbers).subspan(
        begin, std::min(kItemsPerBlock, numbers.size() - begin));
    INLIER_ASSIGN_OR_RETURN(auto keypoints, collection.FetchKeypoints(block));
    INLIER_ASSIGN_OR_RETURN(const auto items, collection.FetchDescriptors(std::move(keypoints)));
    for (const std::optional<StoredItem>& item : items) {
      if (!item) continue;
      for (const FeatureMatch& match : photo.NearestOf(item->features))
        nearest[match.photo].Offer(match.distance, item->number);
    }
  }
  std::unordered_map<ItemNumber, float> votes;
  for (const NearestItems& of_feature : nearest) of_feature.Vote(votes);
  if (numbers.size() == 1) votes[numbers.front()] = 1;  // a single item is its own background
  std::vector<Candidate> candidates;
  for (const auto& [item, sum] : votes) candidates.push_back({item, sum, {}});
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.votes != b.votes ? a.votes > b.votes : a.number < b.number;
  });
  candidates.resize(std::min(candidates.size(), static_cast<std::size_t>(std::max(count, 0))));
  return candidates;
}

}  // namespace inlier
