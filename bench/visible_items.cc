#include "bench/visible_items.h"

#include <unordered_map>

#include <fmt/format.h>

#include "engine/table.h"

namespace inlier {

Result<VisibleItems> VisibleItems::Read(const std::filesystem::path& path, const Gallery& gallery) {
  VisibleItems items;
  if (path.empty()) return items;
  std::unordered_map<std::string, std::size_t> photos;
  for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
    photos[gallery.photos[i].dataset + "/" + gallery.photos[i].image.filename().string()] = i;
  }
  INLIER_ASSIGN_OR_RETURN(const Table table,
                          ReadTableWithoutHeader(path, {"photo", "id", "verdict"}));
  for (const TableRow& row : table.rows) {
    if (!row.problem.empty()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}, line {}: not photo,id,verdict", path.string(), row.line));
    }
    const auto found = photos.find(std::string(row["photo"]));
    const std::string_view verdict = row["verdict"];
    if (found != photos.end() && (verdict == "visible" || verdict == "unclear"))
      items.is_clear_[{found->second, std::string(row["id"])}] = verdict == "visible";
  }
  return items;
}

bool VisibleItems::IsVisible(std::size_t photo, const std::string& id) const {
  const auto found = is_clear_.find({photo, id});
  return found != is_clear_.end() && found->second;
}

bool VisibleItems::MayBeVisible(std::size_t photo, const std::string& id) const {
  return is_clear_.contains({photo, id});
}

}  // namespace inlier
