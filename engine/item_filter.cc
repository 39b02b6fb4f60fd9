#include "engine/item_filter.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/where.h"

namespace inlier {
namespace {

// At least one entry, since an empty filter would let everything pass.
QueryFilter Filled(const Collection& collection, bool value) {
  return {.items = std::vector<bool>(std::max<ItemNumber>(collection.ItemLimit(), 1), value),
          .faces = FaceFilter(std::max<FaceNumber>(collection.FaceLimit(), 1), value),
          .where_matched = {}};
}

// Holds back an item, and those of its faces that no passing item has.
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

// The items for which all conditions hold, with their faces.
Result<QueryFilter> FindWhere(const std::vector<Condition>& conditions,
                              const Collection& collection) {
  QueryFilter filter = Filled(collection, false);
  filter.where_matched = 0;
  for (const Condition& condition : conditions) {
    INLIER_ASSIGN_OR_RETURN(const bool known, collection.HasField(condition.column));
    if (!known) filter.unknown_fields.push_back(condition.column);
  }
  if (!filter.unknown_fields.empty()) return filter;
  INLIER_RETURN_IF_ERROR(collection.VisitWhere(
      conditions, [&filter](ItemNumber number, std::span<const FaceNumber> faces) {
        if (number >= filter.items.size()) return;  // added since the filter was made
        filter.items[number] = true;
        ++*filter.where_matched;
        for (const FaceNumber face : faces) {
          if (face < filter.faces.size()) filter.faces[face] = true;
        }
      }));
  return filter;
}

}  // namespace

Result<QueryFilter> ItemFilters::Where(const Metadata& where, const Collection& collection) const {
  std::lock_guard lock(mutex_);
  const std::uint64_t revision = collection.revision();
  if (where_ == where && revision_ == revision && filter_.where_matched) return filter_;
  INLIER_ASSIGN_OR_RETURN(const auto conditions, ParseWhere(where));
  INLIER_ASSIGN_OR_RETURN(filter_, FindWhere(conditions, collection));
  where_ = where;
  revision_ = revision;
  return filter_;
}

Result<QueryFilter> ItemFilters::ForPart(const Metadata& where,
                                         const std::vector<std::string>& without,
                                         const Collection& collection) const {
  QueryFilter filter;
  if (!where.empty()) {
    INLIER_ASSIGN_OR_RETURN(filter, Where(where, collection));
  }
  if (!without.empty() && filter.items.empty()) filter = Filled(collection, true);
  for (const std::string& id : without) {
    const auto number = collection.NumberOf(id);
    if (!number && number.error().code != ErrorCode::kNotFound) {
      return tl::unexpected(number.error());
    }
    if (number) INLIER_RETURN_IF_ERROR(HoldBack(*number, collection, filter));
  }
  return filter;
}

Result<QueryFilter> ItemFilters::For(const QueryOptions& query,
                                     const Collection& collection) const {
  INLIER_ASSIGN_OR_RETURN(QueryFilter filter, ForPart(query.where, query.without, collection));
  if (filter.unknown_fields.empty()) return filter;
  INLIER_ASSIGN_OR_RETURN(const auto names, collection.FieldNames(kFieldNamesLookedAt));
  return tl::unexpected(UnknownField(filter.unknown_fields.front(), names));
}

}  // namespace inlier
