#include <cmath>
#include <numbers>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "index/codec.h"
#include "index/collection.h"
#include "index/feature_codec.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

// A database that the tests change without going through the library.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder.string(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, folder.string(), families, &handles_, &opened).ok());
    db_.reset(opened);
  }
  ~Raw() {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }
  rocksdb::ColumnFamilyHandle* Family(const std::string& name) const {
    for (auto* handle : handles_) {
      if (handle->GetName() == name) return handle;
    }
    return nullptr;
  }
  rocksdb::DB& db() { return *db_; }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

const std::string kFirstKey(8, '\0');  // the key of item number 0

class FeaturesStoreTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(Open(OpenMode::kCreate)->Put(test::MakeItems(0, 3))); }

  std::unique_ptr<Collection> Open(OpenMode mode) {
    auto opened = Collection::Open(folder_ / "db", {.mode = mode, .recipe = "test"});
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  static std::vector<FaceKeypoints> FetchKeypoints(const Collection& collection) {
    const std::vector<FaceNumber> numbers{0, 1, 2};
    auto items = collection.FetchKeypoints(numbers);
    EXPECT_TRUE(items) << items.error().message;
    return items ? std::move(*items) : std::vector<FaceKeypoints>();
  }
  test::TempFolder folder_;
};

TEST_F(FeaturesStoreTest, ComesInTwoSteps) {
  const auto reader = Open(OpenMode::kRead);
  std::vector<FaceKeypoints> keypoints = FetchKeypoints(*reader);
  ASSERT_EQ(keypoints.size(), 3u);
  for (const FaceKeypoints& item : keypoints) EXPECT_TRUE(item.features.descriptors.empty());
  const auto items = reader->FetchDescriptors({keypoints[2], keypoints[0]});
  ASSERT_TRUE(items) << items.error().message;
  ASSERT_EQ(items->size(), 2u);
  for (const unsigned i : {0u, 2u}) {
    const std::optional<StoredFace>& item = (*items)[i == 0 ? 1 : 0];
    ASSERT_TRUE(item);
    const ItemUpdate made = test::MakeItem(i);
    EXPECT_EQ(item->number, i);
    EXPECT_EQ(item->record.owners, std::vector<ItemNumber>{i});
    const auto& rows = test::FeaturesOf(made).descriptors;
    ASSERT_EQ(item->features.descriptors.size(), rows.size());
    // Values of a column range over 150 here, so a sixteenth of that is 10, and half of that 5.
    for (std::size_t k = 0; k < rows.size(); ++k)
      EXPECT_NEAR(item->features.descriptors[k], rows[k], 6) << k;
    EXPECT_EQ(item->features.kind, test::FeaturesOf(made).kind);
    EXPECT_EQ(item->features.descriptor_bytes, 128);
    EXPECT_EQ(item->features.image_width_px, 100u);
    EXPECT_EQ(item->preview, made.pictures.front().face->preview);
    ASSERT_EQ(item->features.size(), test::FeaturesOf(made).size());
    for (std::size_t k = 0; k < test::FeaturesOf(made).size(); ++k) {
      const Keypoint &read = item->features.keypoints[k],
                     &written = test::FeaturesOf(made).keypoints[k];
      EXPECT_NEAR(read.point.x_px, written.point.x_px, 0.001);
      EXPECT_NEAR(read.point.y_px, written.point.y_px, 0.001);
      EXPECT_EQ(read.size_px, written.size_px);  // a whole number of octaves
      EXPECT_NEAR(std::remainder(read.angle_rad - written.angle_rad, 2 * std::numbers::pi), 0,
                  0.0124);
      EXPECT_EQ(read.response < 0, written.response < 0);
    }
  }
}

TEST_F(FeaturesStoreTest, AnItemRemovedBetweenTheStepsIsMissing) {
  const auto writer = Open(OpenMode::kWrite);
  std::vector<FaceKeypoints> keypoints = FetchKeypoints(*writer);
  ASSERT_TRUE(writer->Remove({"item-1"}));
  const auto items = writer->FetchDescriptors({keypoints[0], keypoints[1]});
  ASSERT_TRUE(items) << items.error().message;
  ASSERT_EQ(items->size(), 2u);
  EXPECT_TRUE(items->front());
  EXPECT_FALSE(items->back());
  EXPECT_EQ(FetchKeypoints(*writer).size(), 2u);
}

TEST_F(FeaturesStoreTest, HalfAnItemIsCorruptAndCheckSaysSo) {
  for (const std::string family : {"previews", "descriptors", "keypoints"}) {
    {
      Raw raw(folder_ / "db");
      ASSERT_TRUE(raw.db().Delete({}, raw.Family(family), kFirstKey).ok());
      ASSERT_TRUE(raw.db().Flush({}, raw.Family(family)).ok());
    }
    // Without a checkpoint, opening the database reads the features.
    const auto opened = Collection::Open(folder_ / "db", {.mode = OpenMode::kRead});
    if (family != "previews") {
      ASSERT_FALSE(opened && (*opened)->Check()->problems.empty()) << family;
      continue;
    }
    ASSERT_TRUE(opened);
    EXPECT_FALSE((*opened)->Check()->problems.empty());
    const auto items = (*opened)->FetchDescriptors(FetchKeypoints(**opened));
    EXPECT_EQ(items.error().code, ErrorCode::kCorrupt);
  }
}

TEST_F(FeaturesStoreTest, MissingGlobalFeaturesAreCorruptWhereTheyAreSearched) {
  const auto with_globals = [](const std::string&) { return FeatureSpaces{.globals = 1}; };
  const auto opened = Collection::Open(folder_ / "db", {.spaces_of = with_globals});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt) << opened.error().message;
}

TEST_F(FeaturesStoreTest, ADatabaseFromBeforeThereWereGlobalFeaturesIsBroughtUpToDate) {
  {
    Raw raw(folder_ / "db");
    ASSERT_TRUE(raw.db().DropColumnFamily(raw.Family("globals")).ok());
  }
  const auto old = Collection::Open(folder_ / "db", {.mode = OpenMode::kRead});
  ASSERT_FALSE(old);
  EXPECT_NE(old.error().message.find("run index again"), std::string::npos) << old.error().message;
  EXPECT_EQ(FetchKeypoints(*Open(OpenMode::kCreate)).size(), 3u);
  EXPECT_EQ(FetchKeypoints(*Open(OpenMode::kRead)).size(), 3u);
}

TEST_F(FeaturesStoreTest, AnotherLayoutIsIncompatible) {
  {
    Raw raw(folder_ / "db");
    rocksdb::ColumnFamilyHandle* added = nullptr;
    ASSERT_TRUE(raw.db().CreateColumnFamily({}, "features", &added).ok());
    ASSERT_TRUE(raw.db().DropColumnFamily(raw.Family("keypoints")).ok());
    raw.db().DestroyColumnFamilyHandle(added);
  }
  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kWrite, OpenMode::kCreate}) {
    const auto opened = Collection::Open(folder_ / "db", {.mode = mode, .recipe = "test"});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kIncompatible) << opened.error().message;
  }
}

TEST(FeaturesCodec, AnyFlippedOrMissingByteIsCorrupt) {
  const Features features = test::FeaturesOf(test::MakeItem(1, 3));
  const auto damaged = [](const std::string& whole, const auto& code) {
    for (std::size_t i = 0; i < whole.size(); ++i) {
      std::string flipped = whole;
      flipped[i] = static_cast<char>(flipped[i] ^ 16);
      EXPECT_EQ(code(flipped), ErrorCode::kCorrupt) << i;
      EXPECT_EQ(code(whole.substr(0, i)), ErrorCode::kCorrupt) << i;
    }
  };
  damaged(EncodeKeypoints(features),
          [](const std::string& bytes) { return DecodeKeypoints(bytes).error().code; });
  damaged(EncodeDescriptors(features), [&](const std::string& bytes) {
    Features into = *DecodeKeypoints(EncodeKeypoints(features));
    return DecodeDescriptors(bytes, into).error().code;
  });
  damaged(EncodePreview("a picture"),
          [](const std::string& bytes) { return DecodePreview(bytes).error().code; });
}

TEST(FeaturesCodec, DescriptorsOfAnotherNumberOfFeaturesAreCorrupt) {
  const Features three = test::FeaturesOf(test::MakeItem(1, 3)),
                 four = test::FeaturesOf(test::MakeItem(1, 4));
  Features into = *DecodeKeypoints(EncodeKeypoints(three));
  EXPECT_EQ(DecodeDescriptors(EncodeDescriptors(four), into).error().code, ErrorCode::kCorrupt);
  EXPECT_TRUE(into.descriptors.empty());
  EXPECT_TRUE(DecodeDescriptors(EncodeDescriptors(three), into));
  EXPECT_EQ(into.descriptors.size(), three.descriptors.size());
}

}  // namespace
}  // namespace inlier
