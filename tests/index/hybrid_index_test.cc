// A collection whose faces have local features and two spaces of global ones.
#include <array>
#include <map>

#include <gtest/gtest.h>

#include "index/feature_codec.h"
#include "tests/index/collections.h"
#include "tests/index/embeddings.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

constexpr std::array<int, 2> kRowBytes = {24, 10};

ItemUpdate HybridItem(unsigned number) {
  ItemUpdate item = test::MakeItem(number);
  for (const int bytes : kRowBytes)
    test::FeaturesOf(item).globals.push_back(test::Rows(number + 500, 1, bytes));
  test::PictureOf(item).record.feature_count = CountAll(test::FeaturesOf(item));
  return item;
}

class HybridCollection : public testing::Test {
 protected:
  std::unique_ptr<Collection> Open(OpenMode mode) const {
    return test::OpenCollection(folder.path(), Options(mode));
  }
  static Collection::OpenOptions Options(OpenMode mode) {
    return {.mode = mode, .spaces_of = [](const std::string&) {
              return FeatureSpaces{.local = true, .globals = kRowBytes.size()};
            }};
  }
  void Add(Collection& collection, unsigned from, unsigned to) {
    std::vector<ItemUpdate> added;
    for (unsigned i = from; i < to; ++i) added.push_back(HybridItem(i));
    ASSERT_TRUE(collection.Put(added));
    for (const ItemUpdate& item : added) {
      for (std::size_t space = 0; space < kRowBytes.size(); ++space)
        globals[space][*collection.NumberOf(item.id)] = test::FeaturesOf(item).globals[space];
    }
  }
  void Remove(Collection& collection, unsigned i) {
    const std::string id = "item-" + std::to_string(i);
    for (auto& space : globals) space.erase(*collection.NumberOf(id));
    ASSERT_TRUE(collection.Remove({id}));
  }
  // Each space is searched as a brute force does it, and local features find their own item.
  void ExpectAnswers(const Collection& collection) {
    for (unsigned i = 0; i < 4; ++i) {
      for (std::size_t space = 0; space < kRowBytes.size(); ++space) {
        const Features photo = test::Rows(100 + i, 2, kRowBytes[space]);
        const auto found = collection.Nearest(photo, space, 6);
        ASSERT_TRUE(found) << found.error().message;
        test::ExpectBruteForce(*found, globals[space], photo, 6);
      }
      const auto voted = collection.Search(test::FeaturesOf(HybridItem(20 + i)), 3, {});
      ASSERT_TRUE(voted) << voted.error().message;
      ASSERT_FALSE(voted->empty());
      EXPECT_EQ(voted->front().number, *collection.NumberOf("item-" + std::to_string(20 + i)));
    }
  }
  test::TempFolder folder;
  std::array<std::map<FaceNumber, Features>, kRowBytes.size()> globals;
};

TEST_F(HybridCollection, SearchesEverySpaceAlsoAfterReopeningAndRebuilding) {
  {
    const auto collection = Open(OpenMode::kCreate);
    Add(*collection, 0, 40);
    Remove(*collection, 7);
    ExpectAnswers(*collection);
    ASSERT_TRUE(collection->Checkpoint());
    Add(*collection, 40, 50);
    Remove(*collection, 41);
    ExpectAnswers(*collection);
  }
  {
    const auto reader = Open(OpenMode::kRead);
    ExpectAnswers(*reader);
    const auto stats = reader->Stats();
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->items, 48u);
    EXPECT_EQ(stats->embeddings, 48 * kRowBytes.size());
    const auto check = reader->Check();
    ASSERT_TRUE(check) << check.error().message;
    EXPECT_TRUE(check->problems.empty()) << check->problems.front();
  }
  const auto writer = Open(OpenMode::kWrite);
  ASSERT_TRUE(writer->Rebuild());
  ExpectAnswers(*writer);
}

TEST_F(HybridCollection, IsCopiedWhole) {
  const test::TempFolder copies;
  {
    const auto collection = Open(OpenMode::kCreate);
    Add(*collection, 0, 30);
    ASSERT_TRUE(collection->Snapshot(copies / "copy"));
  }
  const auto copy = test::OpenCollection(copies / "copy", Options(OpenMode::kRead));
  ExpectAnswers(*copy);
}

TEST_F(HybridCollection, AReplacedPictureTakesItsGlobalFeaturesAlong) {
  const auto collection = Open(OpenMode::kCreate);
  Add(*collection, 0, 10);
  ItemUpdate other = HybridItem(60);
  other.id = "item-3";
  ASSERT_TRUE(collection->Put({other}));
  const Features of_old = test::Rows(503, 1, kRowBytes[0]),
                 of_new = test::Rows(560, 1, kRowBytes[0]);
  EXPECT_LT(collection->Nearest(of_old, 0, 1)->front().similarity, 0.99);
  EXPECT_GT(collection->Nearest(of_new, 0, 1)->front().similarity, 0.999);
}

TEST_F(HybridCollection, RefusesOtherShapesAndSpaces) {
  const auto collection = Open(OpenMode::kCreate);
  Add(*collection, 0, 3);
  EXPECT_FALSE(collection->Put({test::MakeItem(9)}));  // it has no global features
  ItemUpdate swapped = HybridItem(9);
  std::swap(test::FeaturesOf(swapped).globals[0], test::FeaturesOf(swapped).globals[1]);
  EXPECT_FALSE(collection->Put({swapped}));
  EXPECT_FALSE(collection->Nearest(test::Rows(1, 1, kRowBytes[1]), 0, 3));
  EXPECT_FALSE(collection->Nearest(test::Rows(1, 1, kRowBytes[0]), 2, 3));
  EXPECT_EQ(collection->Stats()->items, 3u);
}

TEST(GlobalFeatures, ComeBackAsTheyAreAndAnyFlippedOrMissingByteIsCorrupt) {
  const std::vector<Features> globals{test::Rows(1, 1, 24), test::Rows(2, 3, 10)};
  const std::string whole = EncodeGlobals(globals);
  const auto back = DecodeGlobals(whole);
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ((*back)[i].descriptors, globals[i].descriptors);
    EXPECT_EQ((*back)[i].regions.size(), globals[i].regions.size());
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(DecodeGlobals(flipped)) << i;
    EXPECT_FALSE(DecodeGlobals(whole.substr(0, i))) << i;
  }
  EXPECT_FALSE(DecodeGlobals(EncodeGlobals({{test::FeaturesOf(test::MakeItem(1))}})));
}

}  // namespace
}  // namespace inlier
