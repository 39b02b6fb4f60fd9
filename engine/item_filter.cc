#include "engine/item_filter.h"

#include <algorithm>

namespace inlier {

bool Satisfies(const Metadata& metadata, const Metadata& where) {
  return std::ranges::all_of(where, [&metadata](const auto& wanted) {
    return std::ranges::find(metadata, wanted) != metadata.end();
  });
}

Result<ItemFilter> ItemFilters::Where(const QueryOptions& query,
                                      const Collection& collection) const {
  std::lock_guard lock(mutex_);
  const std::uint64_t revision = collection.revision();
  if (where_ == query.where && revision_ == revision && !items_.empty()) return items_;
  // At least one entry, since an empty filter would let all items pass.
  ItemFilter items(std::max<ItemNumber>(collection.NumberLimit(), 1));
  INLIER_RETURN_IF_ERROR(collection.ForEach([&](ItemNumber number, const ItemRecord& record) {
    if (number < items.size()) items[number] = Satisfies(record.metadata, query.where);
    return true;
  }));
  where_ = query.where;
  revision_ = revision;
  items_ = items;
  return items;
}

Result<ItemFilter> ItemFilters::For(const QueryOptions& query, const Collection& collection) const {
  ItemFilter filter;
  if (!query.where.empty()) {
    INLIER_ASSIGN_OR_RETURN(filter, Where(query, collection));
  }
  if (!query.without.empty() && filter.empty()) filter.assign(collection.NumberLimit(), true);
  for (const std::string& id : query.without) {
    const auto number = collection.NumberOf(id);
    if (!number && number.error().code != ErrorCode::kNotFound) {
      return tl::unexpected(number.error());
    }
    if (number && *number < filter.size()) filter[*number] = false;
  }
  return filter;
}

}  // namespace inlier
