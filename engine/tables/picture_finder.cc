#include "engine/tables/picture_finder.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/tables/picture_cells.h"
#include "engine/utf8.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;

std::string WithSlashes(std::string_view path) {
  std::string text(path);
  std::ranges::replace(text, '\\', '/');
  return text;
}

// file:///catalogue/a%20b.jpg and file://host/a.jpg are paths.
std::string PathOfFileUrl(std::string_view url) {
  url.remove_prefix(std::string_view("file://").size());
  return PercentDecoded(url.substr(std::min(url.find('/'), url.size())));
}

}  // namespace

Result<PictureFinder> PictureFinder::For(const fs::path& table, const fs::path& images) {
  PictureFinder finder;
  std::error_code error;
  finder.folder_ = fs::absolute(table, error).lexically_normal().parent_path();
  if (!images.empty()) finder.images_ = fs::absolute(images, error).lexically_normal();
  if (error) return Fail(ErrorCode::kIo, fmt::format("the working folder: {}", error.message()));
  if (images.empty()) return finder;
  INLIER_ASSIGN_OR_RETURN(finder.files_, LocalFiles::In(images));
  return finder;
}

bool PictureFinder::Exists(std::string_view picture) const { return Existing(picture).has_value(); }

// A path that begins with a slash may be one of this machine, or start at the shop's own folder.
std::optional<fs::path> PictureFinder::Existing(std::string_view picture) const {
  std::error_code ignored;
  const fs::path path(picture);
  if (path.is_absolute() && fs::exists(path, ignored)) return path;
  for (const fs::path& folder : {folder_, images_}) {
    if (!folder.empty() && fs::exists(folder / path.relative_path(), ignored)) {
      return folder / path.relative_path();
    }
  }
  return std::nullopt;
}

Result<fs::path> PictureFinder::Find(std::string_view picture) {
  if (IsUrl(picture)) return files_->Find(picture);
  std::string path(picture);
  if (FoldedForm(picture.substr(0, 7)) == "file://") path = PathOfFileUrl(picture);
  const bool is_odd = path.find_first_of("\\%") != std::string::npos || path.starts_with('/');
  if (is_odd || files_) {
    for (const std::string& written :
         {path, UnescapedForm(path), WithSlashes(path), PercentDecoded(path)}) {
      if (const auto existing = Existing(written)) return existing->lexically_normal();
    }
  }
  path = WithSlashes(path);
  if (files_) {
    auto found = files_->Find(path);
    if (found || found.error().code != ErrorCode::kNotFound) return found;
  }
  return (folder_ / path).lexically_normal();
}

}  // namespace inlier
