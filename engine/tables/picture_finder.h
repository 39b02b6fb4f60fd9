#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "engine/tables/local_files.h"

namespace inlier {

/// Turns what a table calls its pictures into paths.
class PictureFinder {
 public:
  /// `table` is the table's path. Pictures are looked for beside it and, unless that is empty,
  /// under the folder `images`. Errors: as LocalFiles::In.
  static Result<PictureFinder> For(const std::filesystem::path& table,
                                   const std::filesystem::path& images);

  bool Exists(std::string_view picture) const;
  bool HasFolderForUrls() const { return files_.has_value(); }
  /// The absolute path of a picture. A URL needs the folder `images`. A path that leads nowhere is
  /// returned as it is, and fails when it is read. Errors: as LocalFiles::Find.
  Result<std::filesystem::path> Find(std::string_view picture);

 private:
  std::optional<std::filesystem::path> Existing(std::string_view picture) const;

  std::filesystem::path folder_;  // of the table
  std::filesystem::path images_;
  std::optional<LocalFiles> files_;
};

}  // namespace inlier
