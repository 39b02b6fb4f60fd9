#include "index/collection.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>

#include "tests/index/collections.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using test::MakeItem;
using test::MakePhoto;

std::unique_ptr<Collection> Open(const std::filesystem::path& folder,
                                 OpenMode mode = OpenMode::kCreate, int threads = 1) {
  auto opened = Collection::Open(folder, {.mode = mode, .recipe = "test", .threads = threads});
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

void AddItems(Collection& collection, unsigned begin, unsigned end) {
  const Status added = collection.Put(test::MakeItems(begin, end));
  ASSERT_TRUE(added) << added.error().message;
}

std::string Best(const Collection& collection, const Features& photo,
                 const FaceFilter& filter = {}) {
  const auto candidates = collection.Search(photo, 1, {}, filter);
  EXPECT_TRUE(candidates);
  if (!candidates || candidates->empty()) return "";
  return test::IdOf(collection, candidates->front().number);
}

// Searches exactly: each feature of the photo votes for the items with the nearest descriptors.
std::string ExactBest(const Features& photo, unsigned items) {
  std::vector<double> votes(items);
  for (unsigned item = 0; item < items; ++item) {
    const Features features = test::FeaturesOf(MakeItem(item));
    for (std::size_t i = 0; i < photo.size(); ++i) {
      int least = 1 << 30;
      for (std::size_t j = 0; j < features.size(); ++j) {
        int sum = 0;
        for (std::size_t k = 0; k < 128; ++k) {
          const int d = photo.row(i)[k] - features.row(j)[k];
          sum += d * d;
        }
        least = std::min(least, sum);
      }
      votes[item] += 1.0 / (1 + least);
    }
  }
  return "item-" + std::to_string(std::max_element(votes.begin(), votes.end()) - votes.begin());
}

TEST(Collection, AgreesWithExactSearch) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  AddItems(*collection, 0, 120);
  ASSERT_TRUE(collection->Checkpoint());
  for (unsigned i = 0; i < 120; i += 7) {
    const Features photo = MakePhoto(MakeItem(i), 12, i);
    EXPECT_EQ(Best(*collection, photo), ExactBest(photo, 120));
    EXPECT_EQ(Best(*collection, photo), "item-" + std::to_string(i));
  }
}

TEST(Collection, OneItemAloneHasAScore) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  AddItems(*collection, 3, 4);
  EXPECT_EQ(Best(*collection, MakePhoto(MakeItem(3), 5, 1)), "item-3");  // before any training
  ASSERT_TRUE(collection->Checkpoint());
  EXPECT_EQ(Best(*collection, MakePhoto(MakeItem(3), 5, 1)), "item-3");
}

TEST(Collection, AddedItemsAnswerAtOnceAndAfterReopening) {
  const test::TempFolder folder;
  {
    const auto collection = Open(folder / "db");
    AddItems(*collection, 0, 30);
    ASSERT_TRUE(collection->Checkpoint());
    AddItems(*collection, 30, 40);
    EXPECT_EQ(Best(*collection, MakePhoto(MakeItem(35), 8, 1)), "item-35");
  }
  const auto reader = Open(folder / "db", OpenMode::kRead);  // replays the later changes
  EXPECT_EQ(Best(*reader, MakePhoto(MakeItem(35), 8, 1)), "item-35");
  EXPECT_EQ(Best(*reader, MakePhoto(MakeItem(5), 8, 1)), "item-5");
  const auto report = reader->Check();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->items_checked, 40u);
  EXPECT_TRUE(report->problems.empty()) << report->problems.front();
}

TEST(Collection, RemovedItemsDoNotAnswer) {
  const test::TempFolder folder;
  {
    const auto collection = Open(folder / "db");
    AddItems(*collection, 0, 30);
    ASSERT_TRUE(collection->Checkpoint());
    ASSERT_TRUE(collection->Remove({"item-5", "item-6"}));
    EXPECT_NE(Best(*collection, MakePhoto(MakeItem(5), 8, 1)), "item-5");
    EXPECT_EQ(collection->Remove({"item-7", "item-5"}).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(*collection->Find("item-7"));  // all or none
  }
  const auto reader = Open(folder / "db", OpenMode::kRead);
  EXPECT_NE(Best(*reader, MakePhoto(MakeItem(6), 8, 1)), "item-6");
  EXPECT_FALSE(*reader->Find("item-6"));
  EXPECT_EQ(reader->Stats()->items, 28u);
}

TEST(Collection, AnUpdateReplacesTheFaceAndKeepsTheNumberOfTheItem) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  AddItems(*collection, 0, 10);
  const ItemNumber before = *collection->NumberOf("item-4");
  const FaceNumber face = collection->Record(before).value()->pictures.front().face;
  ItemUpdate changed = MakeItem(77);
  changed.id = "item-4";
  std::vector<ItemUpdate> items;
  items.push_back(std::move(changed));
  ASSERT_TRUE(collection->Put(items));
  ASSERT_TRUE(collection->Checkpoint());
  EXPECT_EQ(*collection->NumberOf("item-4"), before);
  EXPECT_GT(collection->Record(before).value()->pictures.front().face, face);
  EXPECT_FALSE(*collection->Face(face));
  EXPECT_EQ(Best(*collection, MakePhoto(MakeItem(77), 5, 1)), "item-4");
  EXPECT_EQ(collection->Stats()->items, 10u);
  EXPECT_TRUE(collection->Check()->problems.empty());
}

TEST(Collection, AFilterHoldsBackItems) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  AddItems(*collection, 0, 20);
  ASSERT_TRUE(collection->Checkpoint());
  FaceFilter odd(collection->FaceLimit());
  for (std::size_t i = 0; i < odd.size(); ++i) odd[i] = i % 2 == 1;
  EXPECT_NE(Best(*collection, MakePhoto(MakeItem(4), 8, 1), odd), "item-4");
  EXPECT_EQ(Best(*collection, MakePhoto(MakeItem(5), 8, 1), odd), "item-5");
}

TEST(Collection, GrowsOutOfItsVocabulary) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  AddItems(*collection, 0, 10);
  ASSERT_TRUE(collection->Checkpoint());
  AddItems(*collection, 10, 600);
  const std::uint64_t cells = collection->Stats()->cells;
  ASSERT_TRUE(collection->Checkpoint());
  EXPECT_GT(collection->Stats()->cells, cells);
  EXPECT_EQ(Best(*collection, MakePhoto(MakeItem(444), 8, 1)), "item-444");
}

std::string IndexBytes(const std::filesystem::path& folder) {
  std::ifstream in(folder / "index-00000001.inlier", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Collection, TheIndexIsTheSameForAnyNumberOfThreads) {
  const test::TempFolder folder;
  for (const int threads : {1, 3}) {
    const auto collection = Open(folder / std::to_string(threads), OpenMode::kCreate, threads);
    AddItems(*collection, 0, 200);
    ASSERT_TRUE(collection->Checkpoint());
  }
  EXPECT_FALSE(IndexBytes(folder / "1").empty());
  EXPECT_EQ(IndexBytes(folder / "1"), IndexBytes(folder / "3"));
}

TEST(Collection, RefusesASecondWriterAndLetsReadersIn) {
  const test::TempFolder folder;
  const auto writer = Open(folder / "db");
  AddItems(*writer, 0, 5);
  const auto second = Collection::Open(folder / "db", {.mode = OpenMode::kWrite});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kBusy) << second.error().message;
  const auto reader = Open(folder / "db", OpenMode::kRead);
  EXPECT_EQ(reader->Stats()->items, 5u);
  AddItems(*writer, 5, 8);  // the reader keeps its snapshot
  EXPECT_EQ(reader->Stats()->items, 5u);
  EXPECT_EQ(Open(folder / "db", OpenMode::kRead)->Stats()->items, 8u);
}

TEST(Collection, RefusesAnotherRecipe) {
  const test::TempFolder folder;
  { AddItems(*Open(folder / "db"), 0, 2); }
  const auto other = Collection::Open(folder / "db", {.mode = OpenMode::kRead, .recipe = "other"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kIncompatible);
}

TEST(Collection, ManyItemsAreFoundBeforeTheFirstCheckpoint) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  for (unsigned i = 0; i < 90; i += 10) AddItems(*collection, i, i + 10);
  for (const unsigned i : {0u, 45u, 89u}) {
    EXPECT_EQ(Best(*collection, MakePhoto(MakeItem(i), 8, 1)), "item-" + std::to_string(i));
  }
}

TEST(Collection, AReaderRefusesToWrite) {
  const test::TempFolder folder;
  { AddItems(*Open(folder / "db"), 0, 3); }
  const auto reader = Open(folder / "db", OpenMode::kRead);
  EXPECT_EQ(reader->Put(test::MakeItems(3, 4)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(reader->Remove({"item-1"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(reader->Checkpoint().error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(reader->Rebuild().error().code, ErrorCode::kInvalidArgument);
}

TEST(Collection, RefusesTheSameIdTwiceAndFeaturesOfAnotherShape) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  AddItems(*collection, 0, 40);
  std::vector<ItemUpdate> twice = test::MakeItems(50, 52);
  twice[1].id = twice[0].id;
  EXPECT_EQ(collection->Put(twice).error().code, ErrorCode::kInvalidArgument);
  std::vector<ItemUpdate> narrow = test::MakeItems(60, 61);
  test::FeaturesOf(narrow[0]).descriptor_bytes = 64;
  test::FeaturesOf(narrow[0]).descriptors.resize(std::size_t{60} * 64);
  const Features photo = test::FeaturesOf(narrow[0]);
  EXPECT_EQ(collection->Put(narrow).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(collection->Search(photo, 1, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(collection->Stats()->items, 40u);
  EXPECT_TRUE(collection->Check()->problems.empty());
}

TEST(Collection, MixedShapesFailAtTrainingAndNotBeyondTheirEnd) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  AddItems(*collection, 0, 2);  // nothing is trained yet to compare a row with
  std::vector<ItemUpdate> narrow = test::MakeItems(60, 61);
  test::FeaturesOf(narrow[0]).descriptor_bytes = 64;
  test::FeaturesOf(narrow[0]).descriptors.resize(std::size_t{60} * 64);
  ASSERT_TRUE(collection->Put(narrow));
  const Status trained = collection->Checkpoint();
  ASSERT_FALSE(trained);
  EXPECT_EQ(trained.error().code, ErrorCode::kInvalidArgument);
}

TEST(Collection, AReaderKeepsItsItemsWhileAWriterReplacesThem) {
  const test::TempFolder folder;
  const auto writer = Open(folder / "db");
  AddItems(*writer, 0, 40);
  ASSERT_TRUE(writer->Checkpoint());
  const auto reader = Open(folder / "db", OpenMode::kRead);
  for (int round = 0; round < 3; ++round) {
    AddItems(*writer, 0, 40);
    ASSERT_TRUE(writer->Rebuild());
  }
  for (const unsigned i : {0u, 39u}) {
    EXPECT_EQ(Best(*reader, MakePhoto(MakeItem(i), 8, 1)), "item-" + std::to_string(i));
  }
}

TEST(Collection, NoDatabaseIsNotFound) {
  const test::TempFolder folder;
  const auto none = Collection::Open(folder / "db", {.mode = OpenMode::kRead});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder / "db"));
}

TEST(Collection, SearchesGoOnWhileItemsAreAdded) {
  const test::TempFolder folder;
  const auto collection = Open(folder / "db");
  AddItems(*collection, 0, 50);
  ASSERT_TRUE(collection->Checkpoint());
  std::atomic<bool> stop{false};
  std::jthread writer([&] {
    for (unsigned i = 50; i < 120; i += 10) AddItems(*collection, i, i + 10);
    EXPECT_TRUE(collection->Remove({"item-60"}));
    EXPECT_TRUE(collection->Checkpoint());
    stop = true;
  });
  const Features photo = MakePhoto(MakeItem(7), 8, 1);
  while (!stop) EXPECT_EQ(Best(*collection, photo), "item-7");
}

}  // namespace
}  // namespace inlier
