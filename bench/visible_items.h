#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "bench/gallery.h"
#include "core/result.h"

namespace inlier {

/// What is known about other items that a photo shows besides its own, as looked up by eye.
class VisibleItems {
 public:
  /// Reads a file without a header row. Its rows are "DATASET/PHOTO,ID,VERDICT": the verdict is
  /// "visible" when the photo truly shows the item, "unclear" when it may, and rows with another
  /// verdict, or about a photo that is not in the gallery, are skipped. An empty path gives an
  /// empty table. Errors: as ReadTableWithoutHeader; kInvalidArgument naming the line.
  static Result<VisibleItems> Read(const std::filesystem::path& path, const Gallery& gallery);

  /// `photo` counts in Gallery::photos.
  bool IsVisible(std::size_t photo, const std::string& id) const;
  /// True also when it is unclear whether the photo shows the item.
  bool MayBeVisible(std::size_t photo, const std::string& id) const;

 private:
  std::map<std::pair<std::size_t, std::string>, bool> is_clear_;
};

}  // namespace inlier
