#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace inlier::test {

/// A new, empty folder that is removed with this object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Writes a file and makes the folders above it.
void WriteBytes(const std::filesystem::path& path, std::string_view bytes);

/// The folder of real data sets: $INLIER_DATA, or ../shared/data beside the sources. When there is
/// none, tests that need it are skipped and say so.
std::optional<std::filesystem::path> DataFolder();

}  // namespace inlier::test
