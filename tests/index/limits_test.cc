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
  Status Add(ItemUpdate item) {
    std::vector<ItemUpdate> items;
    items.push_back(std::move(item));
    return collection_->Put(items);
  }
  void ExpectRefused(ItemUpdate item, const std::string& why) {
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
  ItemUpdate item = test::MakeItem(1);
  item.id = "";
  ExpectRefused(item, "without an id");
  item.id = std::string(1025, 'x');
  ExpectRefused(item, "1025 bytes, more than 1024");
  item.id.pop_back();
  EXPECT_TRUE(Add(item));
  EXPECT_TRUE(*collection_->Find(item.id));
}

TEST_F(LimitsTest, PathAndMetadata) {
  ItemUpdate item = test::MakeItem(1);
  item.metadata->clear();
  PictureRecord& picture = test::PictureOf(item).record;
  const std::size_t rest = item.id.size() + picture.content_hash.size();
  picture.path = std::string((128 << 10) - rest + 1, 'p');
  ExpectRefused(item, "131073 bytes, more than 131072");
  picture.path.pop_back();
  EXPECT_TRUE(Add(item));
  const Status updated = collection_->Put({{.id = item.id,
                                            .metadata = Metadata{{"one", "more"}},
                                            .pictures = {},
                                            .others = ItemUpdate::Others::kFollow}});
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(LimitsTest, FeaturesOfAnItem) {
  ItemUpdate item = test::MakeItem(1);
  const auto grow_to = [&item](std::size_t features) {
    test::FeaturesOf(item).keypoints.resize(features);
    test::FeaturesOf(item).descriptors.resize(features * 128);
    test::PictureOf(item).record.feature_count = static_cast<std::uint32_t>(features);
  };
  grow_to(65'536);
  ExpectRefused(item, "65536 features, more than 65535");
  grow_to(65'535);
  EXPECT_TRUE(Add(item));
  EXPECT_EQ(collection_->Stats()->features, 65'535u);
}

// A database that has used all numbers of items and faces but three. The test changes its header,
// since adding four thousand million items would take too long.
TEST(NumbersOfItems, AreGivenUpToTheLast) {
  const test::TempFolder folder;
  ASSERT_TRUE(Store::Open(folder / "db", OpenMode::kCreate, "test", ""));
  constexpr FaceNumber kLast = 4'294'967'294;
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
    ASSERT_TRUE(db->Put({}, handles[kMeta], kHeaderKey,
                        EncodeCounters({.next_item = kLast - 2, .next_face = kLast - 2}, "test"))
                    .ok());
    for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  const auto store = *Store::Open(folder / "db", OpenMode::kWrite, "", "");
  const std::vector<ItemUpdate> three = test::MakeItems(0, 3);
  const auto written = store->Put(three);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->added.back().number, kLast);
  const auto refused = store->Put(test::MakeItems(3, 4));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message,
              testing::HasSubstr("all item numbers of this database have been given"));
  EXPECT_EQ(store->counters().items, 3u);
  EXPECT_EQ(*store->NumberOf(three.back().id), kLast);
  ItemUpdate another = test::MakeItem(4);  // a new face of an item that is there
  another.id = three.back().id;
  const auto no_face = store->Put({&another, 1});
  ASSERT_FALSE(no_face);
  EXPECT_THAT(no_face.error().message,
              testing::HasSubstr("all face numbers of this database have been given"));
}

}  // namespace
}  // namespace inlier
