#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "inlier/item.h"

namespace inlier {

/// Which items a page of a list has.
struct ListOptions {
  std::string after;        // ids after this one in the order of their bytes; empty: from the first
  std::size_t limit = 100;  // the most items of a page
  std::string id_part;      // only ids that contain these bytes
  std::vector<std::pair<std::string, std::string>> where;  // as in QueryOptions
};

/// One page of a list. The id of its last item is the next page's `after`, so that items which are
/// added or removed meanwhile neither repeat other items nor hide them.
struct ItemPage {
  std::vector<ItemRecord> items;  // in the order of the bytes of their ids
  bool more = false;              // another page would have items
};

}  // namespace inlier
