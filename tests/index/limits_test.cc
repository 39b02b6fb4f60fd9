// Tests each limit of an item at the limit itself and one past it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/store.h"
#include "index/store_state.h"
#include "tests/index/collections.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

class LimitsTest : public testing::Test {
 protected:
  Status Add(NewItem item) {
    std::vector<NewItem> items;
    items.push_back(std::move(item));
    return collection_->Add(std::move(items));
  }
  void ExpectRefused(NewItem item, const std::string& why) {
    const Status added = Add(std::move(item));
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(added.error().message, testing::HasSubstr(why));
    EXPECT_EQ(collection_->Stats()->items, 0u);
  }
  test::TempFolder folder_;
  std::unique_ptr<Collection> collection_ = test::OpenForWriting(folder_ / "db");
};

TEST_F(LimitsTest, Ids) {
  NewItem item = test::MakeItem(1);
  item.record.id = "";
  ExpectRefused(item, "without an id");
  item.record.id = std::string(1025, 'x');
  ExpectRefused(item, "1025 bytes, more than 1024");
  item.record.id.pop_back();
  EXPECT_TRUE(Add(item));
  EXPECT_TRUE(*collection_->Find(item.record.id));
}

TEST_F(LimitsTest, PathAndMetadata) {
  NewItem item = test::MakeItem(1);
  item.record.metadata.clear();
  const std::size_t rest = item.record.id.size() + item.record.content_hash.size();
  item.record.image_path = std::string((128 << 10) - rest + 1, 'p');
  ExpectRefused(item, "131073 bytes, more than 131072");
  item.record.image_path.pop_back();
  EXPECT_TRUE(Add(item));
  item.record.metadata = {{"one", "more"}};
  const Status updated = collection_->UpdateRecord(item.record);
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(LimitsTest, FeaturesOfAnItem) {
  NewItem item = test::MakeItem(1);
  const auto grow_to = [&item](std::size_t features) {
    item.features.keypoints.resize(features);
    item.features.descriptors.resize(features * 128);
    item.record.feature_count = static_cast<std::uint32_t>(features);
  };
  grow_to(65'536);
  ExpectRefused(item, "65536 features, more than 65535");
  grow_to(65'535);
  EXPECT_TRUE(Add(item));
  EXPECT_EQ(collection_->Stats()->features, 65'535u);
}

// A database that has used all item numbers but three. The test changes its header, since adding
// four thousand million items would take too long.
TEST(NumbersOfItems, AreGivenUpToTheLast) {
  const test::TempFolder folder;
  ASSERT_TRUE(Store::Open(folder / "db", OpenMode::kCreate, "test", ""));
  constexpr ItemNumber kLast = 4'294'967'294;
  {
    rocksdb::DB* opened = nullptr;
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder / "db", &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    ASSERT_TRUE(rocksdb::DB::Open({}, folder / "db", families, &handles, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    ASSERT_TRUE(
        db->Put({}, handles[kMeta], kHeaderKey, EncodeCounters({.next_number = kLast - 2}, "test"))
            .ok());
    for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  const auto store = *Store::Open(folder / "db", OpenMode::kWrite, "", "");
  const std::vector<NewItem> three = test::MakeItems(0, 3);
  const auto written = store->Add(three);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->added.back(), kLast);
  const auto refused = store->Add(test::MakeItems(3, 4));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message,
              testing::HasSubstr("all item numbers of this database have been given"));
  EXPECT_EQ(store->counters().items, 3u);
  EXPECT_EQ(*store->NumberOf(three.back().record.id), kLast);
}

}  // namespace
}  // namespace inlier
