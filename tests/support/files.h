#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace inlier::test {

/// A new, empty folder that goes away with this object.
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

/// Writes the bytes, and the folders above them.
void WriteBytes(const std::filesystem::path& path, std::string_view bytes);

/// The folder of real data sets: $INLIER_DATA, or ../shared/data beside the sources. Tests that
/// need it skip aloud when there is none.
std::optional<std::filesystem::path> DataFolder();

}  // namespace inlier::test
