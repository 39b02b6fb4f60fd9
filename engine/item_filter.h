#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "index/collection.h"
#include "inlier/item.h"
#include "inlier/query.h"

namespace inlier {

/// At most this many names of fields are searched for the one that is most similar to an unknown
/// one.
inline constexpr std::size_t kFieldNamesLookedAt = 10'000;

/// What a query may return. A face passes when an item that has it passes.
struct QueryFilter {
  std::vector<bool> items;                     // by item number; empty when all items pass
  FaceFilter faces;                            // empty when all faces pass
  std::optional<std::uint64_t> where_matched;  // as in Answer
  std::vector<std::string> unknown_fields;     // of `where`: columns that no item has

  bool Passes(ItemNumber item) const {
    return items.empty() || (item < items.size() && items[item]);
  }
  /// Leaves the items that do not pass out of a face's record.
  void KeepPassing(FaceRecord& record) const {
    std::erase_if(record.owners, [this](ItemNumber owner) { return !Passes(owner); });
  }
};

/// Turns the conditions of a query (`where`, `without`) into the items that a search may return.
/// The items that satisfy a `where` are kept until a query has another `where` or an item changes.
/// Safe to call from many threads.
class ItemFilters {
 public:
  /// Errors: kInvalidArgument (a condition that makes no sense, or a column that no item has),
  /// kCorrupt, kIo.
  Result<QueryFilter> For(const QueryOptions& query, const Collection& collection) const;
  /// The same for a part of a catalogue: a column that no item here has may be known elsewhere, so
  /// it is named in `unknown_fields`, and no item satisfies it.
  Result<QueryFilter> ForPart(const Metadata& where, const std::vector<std::string>& without,
                              const Collection& collection) const;

 private:
  Result<QueryFilter> Where(const Metadata& where, const Collection& collection) const;

  mutable std::mutex mutex_;
  mutable Metadata where_;              // of `filter_`
  mutable std::uint64_t revision_ = 0;  // of the collection
  mutable QueryFilter filter_;
};

}  // namespace inlier
