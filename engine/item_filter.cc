#include "engine/item_filter.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/where.h"

namespace inlier {
namespace {

// Finds the items for which all conditions hold by reading every record. An error when there is a
// condition on a column that no item has.
Result<QueryFilter> FindWhere(const std::vector<Condition>& conditions,
                              const Collection& collection) {
  // At least one entry, since an empty filter would let all items pass.
  QueryFilter filter{.items = ItemFilter(std::max<ItemNumber>(collection.NumberLimit(), 1)),
                     .where_matched = 0};
  std::set<std::string> columns;
  INLIER_RETURN_IF_ERROR(collection.ForEach([&](ItemNumber number, const ItemRecord& record) {
    for (const auto& [column, value] : record.metadata) columns.insert(column);
    if (number >= filter.items.size() || !HoldAll(conditions, record.metadata)) return true;
    filter.items[number] = true;
    ++*filter.where_matched;
    return true;
  }));
  for (const Condition& condition : conditions) {
    if (columns.contains(condition.column)) continue;
    return tl::unexpected(
        UnknownField(condition.column, std::vector<std::string>(columns.begin(), columns.end())));
  }
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

Result<QueryFilter> ItemFilters::For(const QueryOptions& query,
                                     const Collection& collection) const {
  QueryFilter filter;
  if (!query.where.empty()) {
    INLIER_ASSIGN_OR_RETURN(filter, Where(query.where, collection));
  }
  if (!query.without.empty() && filter.items.empty())
    filter.items.assign(collection.NumberLimit(), true);
  for (const std::string& id : query.without) {
    const auto number = collection.NumberOf(id);
    if (!number && number.error().code != ErrorCode::kNotFound) {
      return tl::unexpected(number.error());
    }
    if (number && *number < filter.items.size()) filter.items[*number] = false;
  }
  return filter;
}

}  // namespace inlier
