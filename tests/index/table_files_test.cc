// Tables that are more than a process may have open.
#include "index/table_files.h"

#include <sys/resource.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/files.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;
using Table = std::unique_ptr<rocksdb::FSRandomAccessFile>;

Table Open(const fs::path& path) {
  Table table;
  const auto open = [&](Table* opened) {
    return rocksdb::FileSystem::Default()->NewRandomAccessFile(path.string(), {}, opened, nullptr);
  };
  const rocksdb::IOStatus status = OpenTable(path.string(), open, &table);
  EXPECT_EQ(table != nullptr, status.ok()) << status.ToString();
  return table;
}

std::string Read(const Table& table, std::uint64_t offset, std::size_t n) {
  std::string scratch(n, '\0');
  rocksdb::Slice read;
  const rocksdb::IOStatus status = table->Read(offset, n, {}, &read, scratch.data(), nullptr);
  return status.ok() ? read.ToString() : status.ToString();
}

class TableFiles : public testing::Test {
 protected:
  static constexpr rlim_t kMaxOpen = 40;

  void SetUp() override {
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    const rlimit few{.rlim_cur = kMaxOpen, .rlim_max = before_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  }
  void TearDown() override { setrlimit(RLIMIT_NOFILE, &before_); }

  static std::string ContentOf(std::size_t i) { return std::string(9000, 'a') + std::to_string(i); }
  fs::path Write(std::size_t i) const {
    fs::path path = folder_ / std::to_string(i);
    test::WriteBytes(path, ContentOf(i));
    return path;
  }
  std::vector<Table> OpenMany() const {
    std::vector<Table> tables;
    for (std::size_t i = 0; i < 3 * kMaxOpen; ++i) tables.push_back(Open(Write(i)));
    return tables;
  }

  test::TempFolder folder_;

 private:
  rlimit before_{};
};

TEST_F(TableFiles, MoreThanMayBeOpenAreReadAllTheSame) {
  const std::vector<Table> tables = OpenMany();
  fs::remove_all(folder_.path());  // as a writer deletes tables that a reader still has
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::string content = ContentOf(i);
    EXPECT_EQ(Read(tables[i], 0, content.size()), content);
    EXPECT_EQ(Read(tables[i], 8000, 2000), content.substr(8000)) << "to its end, and no further";
    EXPECT_EQ(Read(tables[i], 20'000, 10), "");
  }
}

TEST_F(TableFiles, DescriptorsComeBack) {
  for (int again = 0; again < 3; ++again) EXPECT_EQ(OpenMany().size(), 3 * kMaxOpen);
}

TEST_F(TableFiles, APageThatIsGoneIsAnErrorAndNoSignal) {
  const std::vector<Table> tables = OpenMany();
  fs::resize_file(folder_ / std::to_string(tables.size() - 1), 100);
  EXPECT_NE(Read(tables.back(), 8192, 100).find("IO error"), std::string::npos);
}

TEST_F(TableFiles, AFileThatIsNotThereIsNotFound) {
  const std::vector<Table> tables = OpenMany();
  Table table;
  const rocksdb::IOStatus status = OpenTable((folder_ / "none").string(), {}, &table);
  EXPECT_TRUE(status.IsPathNotFound());
  EXPECT_NE(status.ToString().find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace inlier
