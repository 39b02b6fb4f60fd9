#include "engine/item_filter.h"

#include <algorithm>

namespace inlier {
namespace {

// At least one entry, since an empty filter would let everything pass.
QueryFilter Filled(const Collection& collection, bool value) {
  return {.items = std::vector<bool>(std::max<ItemNumber>(collection.ItemLimit(), 1), value),
          .faces = FaceFilter(std::max<FaceNumber>(collection.FaceLimit(), 1), value)};
}

void LetPass(const ItemRecord& item, FaceFilter& faces) {
  for (const PictureRecord& picture : item.pictures) {
    if (picture.face < faces.size()) faces[picture.face] = true;
  }
}

// Holds back an item, and those of its faces that no other item has which passes.
Status HoldBack(ItemNumber number, const Collection& collection, QueryFilter& filter) {
  if (number < filter.items.size()) filter.items[number] = false;
  INLIER_ASSIGN_OR_RETURN(const auto item, collection.Record(number));
  if (!item) return {};
  for (const PictureRecord& picture : item->pictures) {
    INLIER_ASSIGN_OR_RETURN(const auto face, collection.Face(picture.face));
    const bool passes = face && std::ranges::any_of(face->owners, [&filter](ItemNumber owner) {
                          return filter.Passes(owner);
                        });
    if (!passes && picture.face < filter.faces.size()) filter.faces[picture.face] = false;
  }
  return {};
}

}  // namespace

bool Satisfies(const Metadata& metadata, const Metadata& where) {
  return std::ranges::all_of(where, [&metadata](const auto& wanted) {
    return std::ranges::find(metadata, wanted) != metadata.end();
  });
}

Result<QueryFilter> ItemFilters::Where(const QueryOptions& query,
                                       const Collection& collection) const {
  std::lock_guard lock(mutex_);
  const std::uint64_t revision = collection.revision();
  if (where_ == query.where && revision_ == revision && !filter_.items.empty()) return filter_;
  QueryFilter filter = Filled(collection, false);
  INLIER_RETURN_IF_ERROR(collection.ForEach([&](ItemNumber number, const ItemRecord& record) {
    if (number < filter.items.size() && Satisfies(record.metadata, query.where)) {
      filter.items[number] = true;
      LetPass(record, filter.faces);
    }
    return true;
  }));
  where_ = query.where;
  revision_ = revision;
  filter_ = filter;
  return filter;
}

Result<QueryFilter> ItemFilters::For(const QueryOptions& query,
                                     const Collection& collection) const {
  QueryFilter filter;
  if (!query.where.empty()) {
    INLIER_ASSIGN_OR_RETURN(filter, Where(query, collection));
  }
  if (!query.without.empty() && filter.items.empty()) filter = Filled(collection, true);
  std::vector<ItemNumber> without;
  for (const std::string& id : query.without) {
    const auto number = collection.NumberOf(id);
    if (!number && number.error().code != ErrorCode::kNotFound) {
      return tl::unexpected(number.error());
    }
    if (number) without.push_back(*number);
  }
  for (const ItemNumber number : without)
    INLIER_RETURN_IF_ERROR(HoldBack(number, collection, filter));
  return filter;
}

}  // namespace inlier
