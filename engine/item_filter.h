#pragma once

#include <cstdint>
#include <mutex>

#include "core/result.h"
#include "index/collection.h"
#include "inlier/item.h"
#include "inlier/query.h"

namespace inlier {

/// True when the metadata has every one of these columns with its value.
bool Satisfies(const Metadata& metadata, const Metadata& where);

/// Turns the conditions of a query (`where`, `without`) into the items that a search may return.
/// Reading the metadata of all items takes long, so the items that satisfy a `where` are kept until
/// another `where` is asked or an item changes. Safe to call from many threads.
class ItemFilters {
 public:
  /// Empty when the query has no conditions, so that all items pass. Errors: as
  /// Collection::ForEach.
  Result<ItemFilter> For(const QueryOptions& query, const Collection& collection) const;

 private:
  Result<ItemFilter> Where(const QueryOptions& query, const Collection& collection) const;

  mutable std::mutex mutex_;
  mutable Metadata where_;              // of `items_`
  mutable std::uint64_t revision_ = 0;  // of the collection
  mutable ItemFilter items_;
};

}  // namespace inlier
