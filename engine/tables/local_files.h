#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"

namespace inlier {

/// A text in which each %HH is the byte that it stands for.
std::string PercentDecoded(std::string_view text);

/// The files under a folder, found by the names that URLs and other people's paths end with.
class LocalFiles {
 public:
  /// Hidden files and folders are not looked at. Errors: kNotFound, kIo.
  static Result<LocalFiles> In(const std::filesystem::path& folder);

  /// The file of a URL, or of a path that is not a path of this machine. By its name: with its
  /// query, as wget keeps it, or without; as it is or percent-decoded; and at last without regard
  /// to case. Of several files of that name it is the one that has the most folders in common with
  /// the URL. Errors: kNotFound, kInvalidArgument (several files fit; or the file is that of
  /// another URL, which ends in the same name).
  Result<std::filesystem::path> Find(std::string_view url);

 private:
  using Numbers = std::vector<std::size_t>;  // of files
  using Index = std::unordered_map<std::string, Numbers>;

  std::span<const std::size_t> Named(const std::vector<std::string>& names, bool folded);
  Result<std::size_t> Choose(std::span<const std::size_t> files, std::string_view url) const;
  std::string Shown(std::size_t file) const;

  std::filesystem::path folder_;
  std::vector<std::string> files_;  // paths from the folder
  Index by_name_, by_folded_name_;
  std::unordered_map<std::size_t, std::string> url_of_;  // without its scheme and query
};

}  // namespace inlier
