#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "inlier/catalogue.h"

namespace inlier {

/// What lies in a folder and the folders below it. Paths are relative to the folder.
struct PictureFiles {
  /// A file is a picture when its ending says so, and then reading it reports it if it is none; a
  /// file of any other name is one when its first bytes fit. In the order of their names' bytes.
  std::vector<std::filesystem::path> pictures;
  std::vector<LeftOut> left_out;  // the other files by kind, most files first
  struct Unread {
    std::string folder;
    std::string reason;
  };
  std::vector<Unread> unread;  // folders that could not be, or are not, looked into
};

/// Errors: kIo (the folder itself cannot be read).
Result<PictureFiles> FindPictureFiles(const std::filesystem::path& folder);

}  // namespace inlier
