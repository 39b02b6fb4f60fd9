#include "engine/twin_groups.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

namespace inlier {
namespace {

// The faces that are in a set of twins or have several items. Those of the others are many.
struct SharedFaces {
  std::map<FaceNumber, FaceRecord> faces;
  std::vector<TwinFaces> pairs;
};

Result<SharedFaces> FindShared(const Collection& collection) {
  SharedFaces shared;
  INLIER_RETURN_IF_ERROR(collection.ForEachFace([&](FaceNumber number, const FaceRecord& face) {
    if (face.owners.size() < 2 && face.twins.empty()) return true;
    for (const TwinFace& twin : face.twins) {
      if (number < twin.face) shared.pairs.push_back({number, twin.face, twin.likeness});
    }
    shared.faces.emplace(number, face);
    return true;
  }));
  return shared;
}

// Adds the items of a face that the group does not have yet. `known`: those that it has.
Status AddItems(const Collection& collection, FaceNumber number, const FaceRecord& face,
                std::unordered_set<ItemNumber>& known, TwinGroup& group) {
  for (const ItemNumber owner : face.owners) {
    if (!known.insert(owner).second) continue;
    INLIER_ASSIGN_OR_RETURN(const auto item, collection.Record(owner));
    if (!item) continue;
    const auto picture = std::ranges::find(item->pictures, number, &PictureRecord::face);
    group.ids.push_back(item->id);
    group.pictures.push_back(picture != item->pictures.end() ? *picture : PictureRecord{});
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

Result<std::vector<TwinGroup>> TwinGroups(const Collection& collection) {
  INLIER_ASSIGN_OR_RETURN(const SharedFaces shared, FindShared(collection));
  std::vector<TwinSet> sets = GroupTwins(shared.pairs);
  std::unordered_set<FaceNumber> in_a_set;
  for (const TwinSet& set : sets) in_a_set.insert(set.members.begin(), set.members.end());
  for (const auto& [number, face] : shared.faces) {
    if (face.owners.size() > 1 && !in_a_set.contains(number))
      sets.push_back({.members = {number}, .likeness = 1});
  }
  std::ranges::sort(sets, {}, [](const TwinSet& set) { return set.members.front(); });
  std::vector<TwinGroup> groups;
  for (const TwinSet& set : sets) {
    TwinGroup group{.likeness = set.likeness, .copies = set.members.size() == 1};
    std::unordered_set<ItemNumber> known;
    for (const FaceNumber member : set.members) {
      const auto face = shared.faces.find(member);
      if (face != shared.faces.end())
        INLIER_RETURN_IF_ERROR(AddItems(collection, member, face->second, known, group));
    }
    if (group.ids.size() > 1) groups.push_back(std::move(group));
  }
  return groups;
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
