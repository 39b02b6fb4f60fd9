#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/item.h"
#include "index/store.h"
#include "inlier/progress.h"

namespace inlier {

struct StoredFeatures {
  ItemNumber number = 0;
  Features features;
};

/// Reads the features of items from the store, a block of items at a time on `threads` threads, and
/// visits the blocks in the order of `numbers`. Items that have been removed are left out. Stops at
/// the first error.
Status ForEachBlock(const Store& store, std::span<const ItemNumber> numbers, int threads,
                    const ProgressFunction& progress,
                    const std::function<Status(std::span<const StoredFeatures>)>& visit);

/// The numbers of all items, ascending.
Result<std::vector<ItemNumber>> AllNumbers(const Store& store);

}  // namespace inlier
