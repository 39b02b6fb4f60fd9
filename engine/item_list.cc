#include "engine/item_list.h"

#include <utility>

namespace inlier {

Result<ItemPage> ListItems(const ListOptions& options, const ItemFilters& filters,
                           const Collection& collection) {
  INLIER_ASSIGN_OR_RETURN(const QueryFilter filter,
                          filters.For({.where = options.where}, collection));
  std::vector<ItemNumber> numbers;
  ItemPage page;
  INLIER_RETURN_IF_ERROR(
      collection.ForEachId(options.after, [&](const std::string& id, ItemNumber number) {
        if (!filter.Passes(number) || id.find(options.id_part) == std::string::npos) return true;
        page.more = numbers.size() == options.limit;
        if (!page.more) numbers.push_back(number);
        return !page.more;
      }));
  for (const ItemNumber number : numbers) {
    INLIER_ASSIGN_OR_RETURN(auto item, collection.Record(number));
    if (item) page.items.push_back(std::move(*item));  // or it has been removed meanwhile
  }
  return page;
}

}  // namespace inlier
