#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "core/result.h"
#include "index/collection.h"
#include "inlier/item.h"
#include "inlier/query.h"

namespace inlier {

/// The items that a query may return.
struct QueryFilter {
  ItemFilter items;                            // empty when all items pass
  std::optional<std::uint64_t> where_matched;  // as in Answer
};

/// Turns the conditions of a query (`where`, `without`) into the items that a search may return.
/// Finding the items that satisfy a `where` takes long, so they are kept until another `where` is
/// asked or an item changes. Safe to call from many threads.
class ItemFilters {
 public:
  /// Errors: kInvalidArgument (a condition that makes no sense, or a column that no item has), and
  /// as Collection::ForEach.
  Result<QueryFilter> For(const QueryOptions& query, const Collection& collection) const;

 private:
  Result<QueryFilter> Where(const Metadata& where, const Collection& collection) const;

  mutable std::mutex mutex_;
  mutable Metadata where_;              // of `filter_`
  mutable std::uint64_t revision_ = 0;  // of the collection
  mutable QueryFilter filter_;
};

}  // namespace inlier
