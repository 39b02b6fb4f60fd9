#include "deep/model_folders.h"

#include <cstdlib>

#include "deep/own_folder.h"

namespace inlier {
namespace {

// The models folder beside the library that contains this code, if it has `file`.
std::filesystem::path InstalledModels(const std::string& file) {
  // The library is prefix/lib/libinlier.so or prefix/lib/ARCHITECTURE/libinlier.so.
  auto folder = OwnFolder();
  std::error_code ec;
  for (int up = 0; !folder.empty() && up < 2; ++up) {
    folder = folder.parent_path();
    auto models = folder / "share/inlier/models";
    if (std::filesystem::exists(models / file, ec)) return models;
  }
  return {};
}

}  // namespace

std::optional<std::filesystem::path> FindModelFile(const std::string& file) {
  const char* own = std::getenv("INLIER_MODELS");
  std::error_code ec;
  for (const std::filesystem::path& folder :
       {std::filesystem::path(own ? own : ""), InstalledModels(file),
        std::filesystem::path(INLIER_DEEP_MODELS)}) {
    if (!folder.empty() && std::filesystem::is_regular_file(folder / file, ec))
      return folder / file;
  }
  return std::nullopt;
}

}  // namespace inlier
