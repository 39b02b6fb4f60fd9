#pragma once

#include "core/result.h"
#include "engine/item_filter.h"
#include "index/collection.h"
#include "inlier/listing.h"

namespace inlier {

/// See Engine::List.
Result<ItemPage> ListItems(const ListOptions& options, const ItemFilters& filters,
                           const Collection& collection);

}  // namespace inlier
