#include "tests/support/files.h"

#include <unistd.h>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace inlier::test {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string name = fs::temp_directory_path() / "inlier-test-XXXXXX";
  if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void WriteBytes(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::optional<fs::path> DataFolder() {
  const char* chosen = std::getenv("INLIER_DATA");
  const fs::path folder =
      chosen ? fs::path(chosen) : fs::path(INLIER_SOURCE_DIR) / "../shared/data";
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return std::nullopt;
  return folder.lexically_normal();
}

}  // namespace inlier::test
