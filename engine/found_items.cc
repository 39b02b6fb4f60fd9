#include "engine/found_items.h"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

namespace inlier {
namespace {

// The item that stands for a face: the first that has it still. While a search works, an item may
// be removed or get other pictures.
struct Standing {
  ItemNumber number = 0;
  ItemRecord item;
  std::size_t picture = 0;  // its number
};
Result<std::optional<Standing>> FindStanding(const Collection& collection,
                                             const Hypothesis& hypothesis) {
  for (const ItemNumber number : hypothesis.items) {
    INLIER_ASSIGN_OR_RETURN(auto item, collection.Record(number));
    if (!item) continue;
    const auto picture = std::ranges::find(item->pictures, hypothesis.face, &PictureRecord::face);
    if (picture == item->pictures.end()) continue;
    const auto place = static_cast<std::size_t>(picture - item->pictures.begin());
    return Standing{number, std::move(*item), place};
  }
  return std::nullopt;
}

// The items that a hit cannot be told from: the others with its face, and those with a twin of it.
Result<std::vector<ItemNumber>> TwinItems(const Collection& collection, const QueryFilter& filter,
                                          const Hypothesis& hypothesis, ItemNumber standing) {
  std::vector<ItemNumber> items;
  std::unordered_set<ItemNumber> known{standing};
  const auto add = [&](ItemNumber item) {
    if (known.insert(item).second) items.push_back(item);
  };
  std::ranges::for_each(hypothesis.items, add);
  for (const TwinFace& twin : hypothesis.twins) {
    INLIER_ASSIGN_OR_RETURN(const auto face, collection.Face(twin.face));
    if (!face) continue;
    for (const ItemNumber owner : face->owners)
      if (filter.Passes(owner)) add(owner);
  }
  return items;
}

}  // namespace

Hypothesis HypothesisOf(const FaceKeypoints& face, const QueryFilter& filter) {
  Hypothesis hypothesis{.face = face.number, .items = {}, .twins = face.record.twins};
  std::ranges::copy_if(face.record.owners, std::back_inserter(hypothesis.items),
                       [&filter](ItemNumber owner) { return filter.Passes(owner); });
  return hypothesis;
}

Result<std::vector<Hit>> NameItems(const Collection& collection, const QueryFilter& filter,
                                   std::vector<Hypothesis> hypotheses) {
  std::vector<Hit> hits;
  std::set<std::pair<ItemNumber, int>> named;  // with the facing
  for (Hypothesis& hypothesis : hypotheses) {
    INLIER_ASSIGN_OR_RETURN(auto standing, FindStanding(collection, hypothesis));
    if (!standing || !named.emplace(standing->number, hypothesis.facing).second) continue;
    Hit hit = std::move(hypothesis.hit);
    hit.id = std::move(standing->item.id);
    hit.metadata = std::move(standing->item.metadata);
    hit.picture = std::move(standing->item.pictures[standing->picture]);
    hit.picture_number = standing->picture;
    INLIER_ASSIGN_OR_RETURN(const auto twins,
                            TwinItems(collection, filter, hypothesis, standing->number));
    for (const ItemNumber twin : twins) {
      INLIER_ASSIGN_OR_RETURN(auto other, collection.Record(twin));
      if (other) hit.twins.push_back(std::move(other->id));
    }
    hits.push_back(std::move(hit));
  }
  return hits;
}

Result<std::vector<ItemVotes>> VotedItems(const Collection& collection, const QueryFilter& filter,
                                          const Features& photo, int count,
                                          const ShortlistOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const auto candidates,
                          collection.Search(photo, count, options, filter.faces));
  std::vector<ItemVotes> items;
  std::unordered_set<ItemNumber> named;
  for (const Candidate& candidate : candidates) {
    INLIER_ASSIGN_OR_RETURN(const auto face, collection.Face(candidate.number));
    if (!face) continue;
    INLIER_ASSIGN_OR_RETURN(
        const auto standing,
        FindStanding(
            collection,
            HypothesisOf({.number = candidate.number, .record = *face, .features = {}}, filter)));
    if (!standing || !named.insert(standing->number).second) continue;
    items.push_back(
        {standing->item.id, NameOf(standing->item.pictures[standing->picture]), candidate.votes});
  }
  return items;
}

}  // namespace inlier
