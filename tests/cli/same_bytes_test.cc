// One catalogue gives one index, whatever kernels the libraries choose for the processor. Shards of
// a catalogue that are built on different machines have to agree.
#include <cstdlib>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "tests/cli/shop.h"

namespace inlier::test {
namespace {

namespace fs = std::filesystem;

class SetEnvironment {
 public:
  SetEnvironment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    if (*value != '\0') setenv(name, value, 1);
  }
  ~SetEnvironment() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
  SetEnvironment(const SetEnvironment&) = delete;
  SetEnvironment& operator=(const SetEnvironment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

class SameBytes : public Shop, public testing::WithParamInterface<const char*> {
 protected:
  // The index files of the catalogue, by name.
  std::map<std::string, std::string> IndexFiles(const std::string& database) const {
    const std::string method = GetParam();
    EXPECT_EQ(Inlier({"index", "many", "--db", database, "--features", method}).exit, 0);
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(File(database))) {
      const std::string name = entry.path().filename();
      if (entry.path().extension() != ".inlier") continue;
      files[name] = ReadText(entry.path());
    }
    EXPECT_EQ(files.size(), 2u);  // a head and lists
    return files;
  }
};

TEST_P(SameBytes, OnEveryKernelOfOpenBlasAndOfTheMathematicalLibrary) {
  fs::create_directories(File("many"));
  for (unsigned i = 0; i < 40; ++i)
    WriteImage(File("many/" + std::to_string(i) + ".png"), DrawTexture(i + 100, 240, 200));
  const auto expected = IndexFiles("plain.db");
  for (const char* kernel : {"Haswell", "Sandybridge", "Prescott"}) {
    const SetEnvironment environment("OPENBLAS_CORETYPE", kernel);
    EXPECT_TRUE(IndexFiles(std::string(kernel) + ".db") == expected) << kernel;
  }
  const SetEnvironment environment("GLIBC_TUNABLES",
                                   "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable");
  EXPECT_TRUE(IndexFiles("glibc.db") == expected);
}

INSTANTIATE_TEST_SUITE_P(Methods, SameBytes, testing::Values("sift", "orb"));

}  // namespace
}  // namespace inlier::test
