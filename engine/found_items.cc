#include "engine/found_items.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

namespace inlier {
namespace {

// The records of the items that hypotheses may name, and the items with twins of their faces.
class Names {
 public:
  static Result<Names> Of(const CatalogueView& view, std::span<const Hypothesis> hypotheses) {
    Names names;
    std::set<FaceNumber> faces;
    std::set<ItemNumber> items;
    for (const Hypothesis& hypothesis : hypotheses) {
      for (const TwinFace& twin : hypothesis.twins) faces.insert(twin.face);
      items.insert(hypothesis.items.begin(), hypothesis.items.end());
    }
    const std::vector<FaceNumber> twins(faces.begin(), faces.end());
    INLIER_ASSIGN_OR_RETURN(auto owners, view.Owners(twins));
    for (std::size_t i = 0; i < twins.size(); ++i) {
      items.insert(owners[i].begin(), owners[i].end());
      names.owners_[twins[i]] = std::move(owners[i]);
    }
    const std::vector<ItemNumber> numbers(items.begin(), items.end());
    INLIER_ASSIGN_OR_RETURN(auto named, view.Items(numbers));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (named[i]) names.items_[numbers[i]] = *std::move(named[i]);
    }
    return names;
  }

  // Null when the item has been removed.
  const ItemRecord* Item(ItemNumber number) const {
    const auto found = items_.find(number);
    return found == items_.end() ? nullptr : &found->second;
  }

  // The ids of the items that a hit cannot be told from: the others with its face, and those with a
  // twin of it.
  std::vector<std::string> Twins(const Hypothesis& hypothesis, ItemNumber standing) const {
    std::set<ItemNumber> numbers(hypothesis.items.begin(), hypothesis.items.end());
    for (const TwinFace& twin : hypothesis.twins) {
      const auto owners = owners_.find(twin.face);
      if (owners != owners_.end()) numbers.insert(owners->second.begin(), owners->second.end());
    }
    numbers.erase(standing);
    std::vector<std::string> ids;
    for (const ItemNumber number : numbers) {
      if (const ItemRecord* item = Item(number)) ids.push_back(item->id);
    }
    std::ranges::sort(ids);
    return ids;
  }

 private:
  std::map<ItemNumber, ItemRecord> items_;
  std::map<FaceNumber, std::vector<ItemNumber>> owners_;  // of the twins
};

// The item that stands for a face: the first that still has it. While a search works, an item may
// be removed or get other pictures.
struct Standing {
  ItemNumber number = 0;
  const ItemRecord* item = nullptr;
  std::size_t picture = 0;  // its number
};
std::optional<Standing> FindStanding(const Names& names, const Hypothesis& hypothesis) {
  for (const ItemNumber number : hypothesis.items) {
    const ItemRecord* item = names.Item(number);
    if (item == nullptr) continue;
    const auto picture = std::ranges::find(item->pictures, hypothesis.face, &PictureRecord::face);
    if (picture == item->pictures.end()) continue;
    return Standing{number, item, static_cast<std::size_t>(picture - item->pictures.begin())};
  }
  return std::nullopt;
}

}  // namespace

Hypothesis HypothesisOf(FaceNumber number, const FaceRecord& face) {
  return {.face = number, .items = face.owners, .twins = face.twins};
}

Result<std::vector<Hit>> NameItems(const CatalogueView& view, std::vector<Hypothesis> hypotheses) {
  INLIER_ASSIGN_OR_RETURN(const Names names, Names::Of(view, hypotheses));
  std::vector<Hit> hits;
  std::set<std::pair<ItemNumber, int>> named;  // with the facing
  for (Hypothesis& hypothesis : hypotheses) {
    const auto standing = FindStanding(names, hypothesis);
    if (!standing || !named.emplace(standing->number, hypothesis.facing).second) continue;
    Hit hit = std::move(hypothesis.hit);
    hit.id = standing->item->id;
    hit.metadata = standing->item->metadata;
    hit.picture = standing->item->pictures[standing->picture];
    hit.picture_number = standing->picture;
    hit.twins = names.Twins(hypothesis, standing->number);
    hits.push_back(std::move(hit));
  }
  return hits;
}

Result<std::vector<ItemVotes>> VotedItems(const CatalogueView& view, const Features& photo,
                                          int count, const ShortlistOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const auto candidates, view.Search(photo, count, options));
  std::vector<FaceNumber> numbers;
  for (const Candidate& candidate : candidates) numbers.push_back(candidate.number);
  INLIER_ASSIGN_OR_RETURN(auto owners, view.Owners(numbers));
  std::vector<Hypothesis> hypotheses;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    hypotheses.push_back({.face = numbers[i], .items = std::move(owners[i])});
  INLIER_ASSIGN_OR_RETURN(const Names names, Names::Of(view, hypotheses));
  std::vector<ItemVotes> items;
  std::unordered_set<ItemNumber> named;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    const auto standing = FindStanding(names, hypotheses[i]);
    if (!standing || !named.insert(standing->number).second) continue;
    items.push_back({standing->item->id, NameOf(standing->item->pictures[standing->picture]),
                     candidates[i].votes});
  }
  return items;
}

}  // namespace inlier
