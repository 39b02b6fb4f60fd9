#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "core/blob.h"
#include "index/collection.h"
#include "tests/index/collections.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

// Replaces a value of the column family `default` without going through the library.
void Put(const std::filesystem::path& folder, const std::string& key, const std::string& value) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder.string(), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, folder.string(), families, &handles, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  EXPECT_TRUE(db->Put({}, key, value).ok());
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
}

class HeaderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto collection =
        Collection::Open(folder_ / "db", {.mode = OpenMode::kCreate, .recipe = "test"});
    std::vector<ItemUpdate> items;
    items.push_back(test::MakeItem(1));
    ASSERT_TRUE(collection && (*collection)->Put(items));
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
  Put(folder_ / "db", "header", newer.Seal("INST", 5));
  EXPECT_EQ(OpenCode(OpenMode::kRead), ErrorCode::kIncompatible);
  EXPECT_EQ(OpenCode(OpenMode::kWrite), ErrorCode::kIncompatible);
}

// Version 1 had one picture an item, version 2 did not round features, and version 3 had no keys of
// faces.
TEST_F(HeaderTest, AnOlderVersionIsRefusedWithWhatToDo) {
  BlobWriter older;
  older.Put<std::uint64_t>(0);
  for (const std::uint16_t version : {1, 2, 3}) {
    Put(folder_ / "db", "header", older.Seal("INST", version));
    for (const OpenMode mode : {OpenMode::kRead, OpenMode::kWrite, OpenMode::kCreate}) {
      const auto opened = Collection::Open(folder_ / "db", {.mode = mode});
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error().code, ErrorCode::kIncompatible);
      EXPECT_NE(opened.error().message.find("index the catalogue into a new folder"),
                std::string::npos);
    }
  }
}

TEST_F(HeaderTest, ADamagedHeaderIsCorrupt) {
  Put(folder_ / "db", "header", "not a header");
  EXPECT_EQ(OpenCode(OpenMode::kRead), ErrorCode::kCorrupt);
}

// In the earlier layout the manifest named no list files, and one index file contained everything.
TEST(OlderIndex, IsBuiltAnewWithOneLineOfNotice) {
  const test::TempFolder folder;
  const auto number_of = [](const Collection& collection, unsigned item) {
    const auto found = collection.Search(test::MakePhoto(test::MakeItem(item), 8, 1), 1, {});
    return found && !found->empty() ? static_cast<int>(found->front().number) : -1;
  };
  {
    const auto collection = test::OpenForWriting(folder / "db");
    ASSERT_TRUE(collection->Put(test::MakeItems(0, 50)) && collection->Checkpoint());
    ASSERT_TRUE(collection->Remove({"item-3"}) && collection->Checkpoint());
  }
  for (const auto& [name, bytes] : test::IndexFiles(folder / "db"))
    std::filesystem::remove(folder / ("db/" + name));
  BlobWriter manifest;
  manifest.Put<std::uint32_t>(2);
  for (const std::uint64_t number : {8u, 7u}) {
    const std::string name = "index-0000000" + std::to_string(number) + ".inlier";
    test::WriteBytes(folder / ("db/" + name), "lists of FAISS");
    manifest.Put(number);
    manifest.PutString(name);
    manifest.Put<std::uint64_t>(14);
    manifest.Put(Hash64("lists of FAISS"));
    manifest.Put<std::uint64_t>(number == 8 ? 51 : 50);
    manifest.PutString("test");
  }
  Put(folder / "db", "manifest", manifest.Seal("INGE", 1));
  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kWrite}) {
    std::vector<std::string> notices;
    const auto collection = test::OpenCollection(
        folder / "db",
        {.mode = mode, .notice = [&](const std::string& line) { notices.push_back(line); }});
    ASSERT_TRUE(collection);
    EXPECT_EQ(notices.size(), 1u);
    EXPECT_EQ(number_of(*collection, 17), 17);
    EXPECT_NE(number_of(*collection, 3), 3);
    if (mode == OpenMode::kRead) continue;
    ASSERT_TRUE(collection->Checkpoint());
    EXPECT_TRUE(collection->Check()->problems.empty());
  }
  const auto files = test::IndexFiles(folder / "db");
  EXPECT_EQ(files.size(), 2u);  // the old ones are gone
  EXPECT_EQ(files.count("lists-00000001.inlier"), 1u);
  std::vector<std::string> notices;
  const auto reader = test::OpenCollection(
      folder / "db", {.notice = [&](const std::string& line) { notices.push_back(line); }});
  EXPECT_TRUE(notices.empty());
  EXPECT_EQ(number_of(*reader, 17), 17);
}

TEST(OlderIndex, ANewerManifestIsRefused) {
  const test::TempFolder folder;
  { ASSERT_TRUE(test::OpenForWriting(folder / "db")->Put(test::MakeItems(0, 2))); }
  Put(folder / "db", "manifest", BlobWriter().Seal("INGE", 3));
  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kWrite}) {
    const auto opened = Collection::Open(folder / "db", {.mode = mode});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kIncompatible);
  }
}

}  // namespace
}  // namespace inlier
