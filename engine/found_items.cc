#include "engine/found_items.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace inlier {
namespace {

// The items that a hit cannot be told from: the others with its face, and those with a twin of it.
Result<std::vector<ItemNumber>> TwinItems(const Collection& collection, const QueryFilter& filter,
                                          const Hypothesis& hypothesis) {
  std::vector<ItemNumber> items(hypothesis.items.begin() + 1, hypothesis.items.end());
  for (const TwinFace& twin : hypothesis.twins) {
    INLIER_ASSIGN_OR_RETURN(const auto face, collection.Face(twin.face));
    if (!face) continue;
    for (const ItemNumber owner : face->owners) {
      const bool is_new = owner != hypothesis.items.front() && filter.Passes(owner) &&
                          std::ranges::find(items, owner) == items.end();
      if (is_new) items.push_back(owner);
    }
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
  for (Hypothesis& hypothesis : hypotheses) {
    INLIER_ASSIGN_OR_RETURN(auto item, collection.Record(hypothesis.items.front()));
    if (!item) continue;
    Hit hit = std::move(hypothesis.hit);
    hit.id = std::move(item->id);
    hit.metadata = std::move(item->metadata);
    const auto picture = std::ranges::find(item->pictures, hypothesis.face, &PictureRecord::face);
    if (picture != item->pictures.end()) hit.picture = std::move(*picture);
    INLIER_ASSIGN_OR_RETURN(const auto twins, TwinItems(collection, filter, hypothesis));
    for (const ItemNumber twin : twins) {
      INLIER_ASSIGN_OR_RETURN(auto other, collection.Record(twin));
      if (other) hit.twins.push_back(std::move(other->id));
    }
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace inlier
