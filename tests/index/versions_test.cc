#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "core/blob.h"
#include "index/collection.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

// Replaces the database's header behind the library's back.
void PutHeader(const std::filesystem::path& folder, const std::string& value) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder.string(), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, folder.string(), families, &handles, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  EXPECT_TRUE(db->Put({}, "header", value).ok());
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
}

class HeaderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto collection = Collection::Open(folder_ / "db", {.mode = OpenMode::kCreate, .recipe = "test"});
    std::vector<NewItem> items;
    items.push_back(test::MakeItem(1));
    ASSERT_TRUE(collection && (*collection)->Add(std::move(items)));
  }
  ErrorCode OpenCode(OpenMode mode) {
    const auto collection = Collection::Open(folder_ / "db", {.mode = mode});
    EXPECT_FALSE(collection);
    return collection ? ErrorCode::kNotFound : collection.error().code;
  }
  test::TempFolder folder_;
};

TEST_F(HeaderTest, ANewerVersionIsRefusedAndLeftAlone) {
  BlobWriter newer;
  newer.PutString("whatever a later version keeps here");
  PutHeader(folder_ / "db", newer.Seal("INST", 2));
  EXPECT_EQ(OpenCode(OpenMode::kRead), ErrorCode::kIncompatible);
  EXPECT_EQ(OpenCode(OpenMode::kWrite), ErrorCode::kIncompatible);
}

TEST_F(HeaderTest, ADamagedHeaderIsCorrupt) {
  PutHeader(folder_ / "db", "not a header");
  EXPECT_EQ(OpenCode(OpenMode::kRead), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace inlier
