#include "engine/twin_groups.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "engine/database_view.h"

namespace inlier {
namespace {

constexpr std::size_t kSetsAtOnce = 256;  // whose items are fetched by one request

// The items of a set, those of its first face first.
std::vector<ItemNumber> ItemsOf(const SharedFaces& shared, const TwinSet& set) {
  std::vector<ItemNumber> items;
  std::unordered_set<ItemNumber> known;
  for (const FaceNumber member : set.members) {
    const auto face = shared.find(member);
    if (face == shared.end()) continue;
    for (const ItemNumber owner : face->second.owners)
      if (known.insert(owner).second) items.push_back(owner);
  }
  return items;
}

// True when all of its faces have the same pixels, as copies in different shards have.
bool AreCopies(const SharedFaces& shared, const TwinSet& set) {
  const auto hash = [&shared](FaceNumber number) -> std::string_view {
    const auto face = shared.find(number);
    return face == shared.end() ? std::string_view() : face->second.pixel_hash;
  };
  return std::ranges::all_of(set.members, [&](FaceNumber member) {
    return member == set.members.front() || hash(member) == hash(set.members.front());
  });
}

// The picture of an item that puts it into a set.
PictureRecord PictureIn(const SharedFaces& shared, const TwinSet& set, ItemNumber number,
                        const ItemRecord& item) {
  for (const FaceNumber member : set.members) {
    const auto face = shared.find(member);
    if (face == shared.end() || !std::ranges::binary_search(face->second.owners, number)) continue;
    const auto picture = std::ranges::find(item.pictures, member, &PictureRecord::face);
    return picture != item.pictures.end() ? *picture : PictureRecord{};
  }
  return {};
}

}  // namespace

std::vector<TwinSet> GroupTwins(std::span<const TwinFaces> pairs) {
  std::vector<TwinFaces> sorted(pairs.begin(), pairs.end());
  std::ranges::sort(sorted, [](const TwinFaces& a, const TwinFaces& b) {
    return std::pair(a.first, a.second) < std::pair(b.first, b.second);
  });
  std::vector<TwinSet> sets;
  std::unordered_set<FaceNumber> taken;
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    const FaceNumber first = sorted[begin].first;
    TwinSet set{.members = {first}, .likeness = 1};
    for (; end < sorted.size() && sorted[end].first == first; ++end) {
      if (taken.contains(sorted[end].second)) continue;
      set.members.push_back(sorted[end].second);
      set.likeness = std::min<double>(set.likeness, sorted[end].likeness);
    }
    if (set.members.size() < 2) continue;
    taken.insert(set.members.begin(), set.members.end());
    sets.push_back(std::move(set));
  }
  return sets;
}

Result<FaceNumber> ReadShared(const Collection& collection, FaceNumber begin, FaceSlice slice,
                              SharedFaces& shared) {
  FaceNumber next = 0;
  INLIER_RETURN_IF_ERROR(collection.ForEachFace(
      [&](FaceNumber number, const FaceRecord& face) {
        if (slice.shared == 0 || slice.looked_at == 0) {
          next = number;
          return false;
        }
        --slice.looked_at;
        if (face.owners.size() < 2 && face.twins.empty()) return true;
        --slice.shared;
        shared.emplace(number, face);
        return true;
      },
      begin));
  return next;
}

std::vector<TwinSet> SetsOf(const SharedFaces& shared) {
  std::vector<TwinFaces> pairs;
  for (const auto& [number, face] : shared) {
    for (const TwinFace& twin : face.twins)
      if (number < twin.face) pairs.push_back({number, twin.face, twin.likeness});
  }
  std::vector<TwinSet> sets = GroupTwins(pairs);
  std::unordered_set<FaceNumber> in_a_set;
  for (const TwinSet& set : sets) in_a_set.insert(set.members.begin(), set.members.end());
  for (const auto& [number, face] : shared) {
    if (face.owners.size() > 1 && !in_a_set.contains(number))
      sets.push_back({.members = {number}, .likeness = 1});
  }
  std::erase_if(sets, [&](const TwinSet& set) { return ItemsOf(shared, set).size() < 2; });
  std::ranges::sort(sets, {}, [](const TwinSet& set) { return set.members.front(); });
  return sets;
}

Result<std::vector<TwinGroup>> GroupsOf(const CatalogueView& view, const SharedFaces& shared,
                                        std::span<const TwinSet> sets) {
  std::vector<TwinGroup> groups;
  for (; !sets.empty(); sets = sets.subspan(std::min(kSetsAtOnce, sets.size()))) {
    const auto part = sets.first(std::min(kSetsAtOnce, sets.size()));
    std::vector<ItemNumber> numbers;
    for (const TwinSet& set : part) {
      const auto items = ItemsOf(shared, set);
      numbers.insert(numbers.end(), items.begin(), items.end());
    }
    INLIER_ASSIGN_OR_RETURN(const auto records, view.Items(numbers));
    auto at = records.begin();
    for (const TwinSet& set : part) {
      TwinGroup group{.likeness = set.likeness, .copies = AreCopies(shared, set)};
      for (const ItemNumber number : ItemsOf(shared, set)) {
        const auto& item = *at++;
        if (!item) continue;
        group.ids.push_back(item->id);
        group.pictures.push_back(PictureIn(shared, set, number, *item));
      }
      if (group.ids.size() > 1) groups.push_back(std::move(group));
    }
  }
  return groups;
}

Result<std::vector<TwinGroup>> TwinGroups(const Collection& collection) {
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  SharedFaces shared;
  INLIER_RETURN_IF_ERROR(ReadShared(collection, 0, {kAll, kAll}, shared));
  return GroupsOf(DatabaseView(collection), shared, SetsOf(shared));
}

Result<TwinCounts> CountTwins(const Collection& collection) {
  TwinCounts counts;
  std::set<ItemNumber> of_shared, with_twins;
  INLIER_RETURN_IF_ERROR(collection.ForEachFace([&](FaceNumber, const FaceRecord& face) {
    if (face.owners.size() > 1) {
      ++counts.shared_pictures;
      of_shared.insert(face.owners.begin(), face.owners.end());
    }
    if (!face.twins.empty()) with_twins.insert(face.owners.begin(), face.owners.end());
    return true;
  }));
  counts.ids_of_shared = of_shared.size();
  counts.items_with_twins = with_twins.size();
  return counts;
}

}  // namespace inlier
