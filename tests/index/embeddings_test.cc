#include "index/embedding_rows.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/index/collections.h"
#include "tests/index/embeddings.h"
#include "tests/support/files.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

using test::Cosine;
using test::ExpectBruteForce;

constexpr int kBytes = 24;

Features Rows(unsigned seed, std::size_t rows) { return test::Rows(seed, rows, kBytes); }

ItemUpdate Item(unsigned seed, std::size_t rows) {
  return test::ItemOf("item" + std::to_string(seed), std::to_string(seed), Rows(seed, rows));
}

TEST(EmbeddingRows, IsBruteForceForAnyHistory) {
  EmbeddingRows index;
  std::map<FaceNumber, Features> items;
  std::vector<std::uint32_t> live;
  for (unsigned i = 0; i < 90; ++i) {
    const Features features = Rows(i, i % 4);  // some without any
    live.push_back(static_cast<std::uint32_t>(features.size()));
    const EmbeddingRows::NewRows added{i, &features};
    index = index.With({&added, 1}, live);
    if (features.size() > 0) items[i] = features;
    if (i % 5 == 4) {  // remove one
      const FaceNumber gone = i - 3;
      live[gone] = 0;
      items.erase(gone);
      index = index.With({}, live);
    }
    if (i % 10 == 9)
      ExpectBruteForce(index.Nearest(Rows(1000 + i, 3), 7, {live, {}}), items, Rows(1000 + i, 3),
                       7);
  }
  ExpectBruteForce(index.Nearest(Rows(5000, 2), 1000, {live, {}}), items, Rows(5000, 2), 1000);
  EXPECT_TRUE(index.Nearest(Rows(1, 0), 5, {live, {}}).empty());
  // A search that started with the index from before a change does not see the change.
  const EmbeddingRows before = index;
  const Features more = Rows(7777, 1);
  const EmbeddingRows::NewRows added{static_cast<FaceNumber>(live.size()), &more};
  live.push_back(1);
  index = index.With({&added, 1}, live);
  EXPECT_EQ(index.rows(), before.rows() + 1);
  EXPECT_EQ(index.Nearest(more, 1, {live, {}}).front().number, live.size() - 1);
  EXPECT_NE(before.Nearest(more, 1, {live, {}}).front().number, live.size() - 1);
}

TEST(EmbeddingRows, DropsRowsOfRemovedItems) {
  EmbeddingRows index;
  std::vector<std::uint32_t> live(20, 2);
  for (FaceNumber i = 0; i < 20; ++i) {
    const Features features = Rows(i, 2);
    const EmbeddingRows::NewRows added{i, &features};
    index = index.With({&added, 1}, live);
  }
  EXPECT_EQ(index.rows(), 40u);
  std::fill(live.begin(), live.begin() + 15, 0);
  EXPECT_EQ(index.With({}, live).rows(), 10u);
  EXPECT_LT(index.With({}, live).bytes(), index.bytes());
}

class EmbeddingCollection : public testing::Test {
 protected:
  std::unique_ptr<Collection> Open(OpenMode mode) const {
    return test::OpenCollection(folder.path(), {.mode = mode, .spaces_of = [](const std::string&) {
                                                  return FeatureSpaces{.local = false};
                                                }});
  }
  void ExpectAnswers(const Collection& collection, const FaceFilter& filter = {}) {
    for (unsigned i = 0; i < 5; ++i) {
      const Features photo = Rows(100 + i, 2);
      const auto found = collection.Nearest(photo, 0, 6, filter);
      ASSERT_TRUE(found) << found.error().message;
      ExpectBruteForce(*found, items, photo, 6);
    }
  }
  void Add(Collection& collection, unsigned from, unsigned to) {
    std::vector<ItemUpdate> added;
    for (unsigned i = from; i < to; ++i) added.push_back(Item(i, 1 + i % 3));
    ASSERT_TRUE(collection.Put(added));
    for (const ItemUpdate& item : added)
      items[*collection.NumberOf(item.id)] = test::FeaturesOf(item);
  }
  void Remove(Collection& collection, unsigned i) {
    const std::string id = "item" + std::to_string(i);
    items.erase(*collection.NumberOf(id));
    ASSERT_TRUE(collection.Remove({id}));
  }
  test::TempFolder folder;
  std::map<FaceNumber, Features> items;
};

TEST_F(EmbeddingCollection, AnswersTheSameAfterReopening) {
  {
    const auto collection = Open(OpenMode::kCreate);
    Add(*collection, 0, 40);
    Remove(*collection, 7);
    ExpectAnswers(*collection);
  }
  {  // never checkpointed: all of it comes from the store
    const auto collection = Open(OpenMode::kCreate);
    ExpectAnswers(*collection);
    ASSERT_TRUE(collection->Checkpoint());
    Add(*collection, 40, 50);  // these come after the checkpoint
    Remove(*collection, 41);
  }
  const auto reader = Open(OpenMode::kRead);
  ExpectAnswers(*reader);
  const auto check = reader->Check();
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_TRUE(check->problems.empty()) << check->problems.front();
  const auto stats = reader->Stats();
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->items, 48u);
  EXPECT_EQ(stats->embeddings, stats->features);
  EXPECT_GE(stats->index_bytes, stats->embeddings * kBytes);
  EXPECT_EQ(stats->cells, 0u);
}

TEST_F(EmbeddingCollection, KeepsToTheFilter) {
  const auto collection = Open(OpenMode::kCreate);
  Add(*collection, 0, 30);
  FaceFilter filter(collection->FaceLimit());
  for (std::size_t i = 0; i < filter.size(); i += 3) filter[i] = true;
  std::erase_if(items, [&](const auto& item) { return !filter[item.first]; });
  ExpectAnswers(*collection, filter);
}

TEST_F(EmbeddingCollection, RebuildsAndKeepsRegions) {
  const auto collection = Open(OpenMode::kCreate);
  Add(*collection, 0, 12);
  Remove(*collection, 3);
  ASSERT_TRUE(collection->Rebuild());
  ExpectAnswers(*collection);
  const FaceNumber number = *collection->NumberOf("item5");
  const auto fetched = collection->FetchKeypoints({&number, 1});
  ASSERT_TRUE(fetched && fetched->size() == 1);
  const Features& features = fetched->front().features;
  EXPECT_EQ(features.kind, DescriptorKind::kEmbedding);
  ASSERT_EQ(features.regions.size(), features.size());
  EXPECT_EQ(features.regions[1].right_px, 2.5f);
}

TEST_F(EmbeddingCollection, RefusesRowsOfAnotherShape) {
  const auto collection = Open(OpenMode::kCreate);
  Add(*collection, 0, 3);
  ItemUpdate other = Item(9, 1);
  test::FeaturesOf(other).descriptor_bytes = 12;
  test::FeaturesOf(other).descriptors.resize(12);
  EXPECT_FALSE(collection->Put({other}));
  EXPECT_FALSE(collection->Put({test::MakeItem(1)}));
  EXPECT_FALSE(collection->Nearest(test::FeaturesOf(test::MakeItem(1)), 0, 3));
  EXPECT_FALSE(collection->Search(test::FeaturesOf(test::MakeItem(1)), 3, {}));
  EXPECT_FALSE(collection->Search(Rows(1, 1), 3, {}));  // embeddings have no votes
}

TEST_F(EmbeddingCollection, RefusesRowsOfTwoShapesInItsFirstBatch) {
  const auto collection = Open(OpenMode::kCreate);
  ItemUpdate narrow = Item(9, 1);
  test::FeaturesOf(narrow).descriptor_bytes = 12;
  test::FeaturesOf(narrow).descriptors.resize(12);
  const Status added = collection->Put({Item(1, 2), narrow});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(collection->Stats()->items, 0u);
}

TEST(Collection, OfLocalFeaturesRefusesEmbeddings) {
  const test::TempFolder folder;
  const auto collection = test::OpenForWriting(folder.path());
  EXPECT_FALSE(collection->Put({Item(1, 2)}));
  ASSERT_TRUE(collection->Put({test::MakeItem(1)}));
  EXPECT_FALSE(collection->Put({Item(1, 2)}));
  EXPECT_FALSE(collection->Nearest(Rows(1, 2), 0, 3));
  EXPECT_FALSE(collection->Nearest(test::FeaturesOf(test::MakeItem(1)), 0, 3));
}

TEST(EmbeddingRows, AreTheSameOnEverySimdTarget) {
  EmbeddingRows index;
  std::vector<std::uint32_t> live;
  for (FaceNumber i = 0; i < 40; ++i) {
    const Features features = test::Rows(i, 1 + i % 3, 1536);
    live.push_back(static_cast<std::uint32_t>(features.size()));
    const EmbeddingRows::NewRows added{i, &features};
    index = index.With({&added, 1}, live);
  }
  const Features photo = test::Rows(1000, 3, 1536);
  std::vector<NearFace> first;
  test::ForEachSimdTarget([&] {
    const auto found = index.Nearest(photo, 9, {live, {}});
    ASSERT_EQ(found.size(), 9u);
    if (first.empty()) first = found;
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].number, first[i].number);
      EXPECT_EQ(found[i].similarity, first[i].similarity);  // to the last bit
    }
  });
}

TEST(Directions, KeepTheirCosine) {
  std::mt19937 random(3);
  std::vector<float> a(200), b(200), from_bytes(200);
  for (auto* values : {&a, &b}) {
    for (float& v : *values) v = static_cast<float>(random() % 2001) / 1000 - 1;
  }
  for (std::size_t k = 0; k < b.size(); ++k) b[k] = 0.7f * a[k] + 0.3f * b[k];
  std::vector<std::uint8_t> row_a(200), row_b(200), scaled(200);
  QuantiseDirection(a, row_a.data());
  QuantiseDirection(b, row_b.data());
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    ab += a[k] * b[k];
    aa += a[k] * a[k];
    bb += b[k] * b[k];
  }
  EXPECT_NEAR(Cosine(row_a, row_b), ab / std::sqrt(aa * bb), 1e-3);
  for (float& v : a) v *= 1000;  // the length has no influence
  QuantiseDirection(a, scaled.data());
  EXPECT_EQ(row_a, scaled);
  const std::vector<float> zeros(200);
  QuantiseDirection(zeros, scaled.data());
  UnitDirection(scaled, from_bytes.data());
  EXPECT_EQ(from_bytes, zeros);
}

}  // namespace
}  // namespace inlier
