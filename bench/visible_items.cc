#include "bench/visible_items.h"

#include <fstream>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>

namespace inlier {

Result<VisibleItems> VisibleItems::Read(const std::filesystem::path& path, const Gallery& gallery) {
  VisibleItems items;
  if (path.empty()) return items;
  std::unordered_map<std::string, std::size_t> photos;
  for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
    photos[gallery.photos[i].dataset + "/" + gallery.photos[i].image.filename().string()] = i;
  }
  std::ifstream in(path);
  if (!in) return Fail(ErrorCode::kIo, path.string() + ": cannot be read");
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::istringstream fields(line);
    std::string photo, id, verdict;
    if (!std::getline(fields, photo, ',') || !std::getline(fields, id, ',') ||
        !std::getline(fields, verdict)) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}, line {}: not photo,id,verdict", path.string(), number));
    }
    const auto found = photos.find(photo);
    if (found != photos.end() && (verdict == "visible" || verdict == "unclear"))
      items.is_clear_[{found->second, id}] = verdict == "visible";
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
