// Tests what a checkpoint writes and what it leaves unchanged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/local_index.h"
#include "tests/index/collections.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using test::Answers;
using test::IndexFiles;
using test::OpenCollection;
using test::OpenForWriting;

constexpr std::uint64_t kFeatures = 60;  // number of features of a made item

std::vector<std::string> Names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& [name, size] : IndexFiles(folder)) names.push_back(name);
  return names;
}

std::vector<std::string> Ids(unsigned begin, unsigned end) {
  std::vector<std::string> ids;
  for (unsigned i = begin; i < end; ++i) ids.push_back("item-" + std::to_string(i));
  return ids;
}

class CheckpointTest : public testing::Test {
 protected:
  void Add(unsigned begin, unsigned end) {
    ASSERT_TRUE(collection_->Put(test::MakeItems(begin, end)));
  }
  void AddAndCheckpoint(unsigned begin, unsigned end) {
    Add(begin, end);
    ASSERT_TRUE(collection_->Checkpoint());
  }
  std::filesystem::path Lists(int number) const {
    return folder_ / ("db/lists-0000000" + std::to_string(number) + ".inlier");
  }

  test::TempFolder folder_;
  std::unique_ptr<Collection> collection_ = OpenForWriting(folder_ / "db");
};

TEST_F(CheckpointTest, ManySmallAdditionsAnswerAsOneLargeOne) {
  const auto other = OpenForWriting(folder_ / "other");
  ASSERT_TRUE(other->Put(test::MakeItems(0, 100)));
  ASSERT_TRUE(other->Checkpoint());
  AddAndCheckpoint(0, 100);
  ASSERT_TRUE(other->Put(test::MakeItems(100, 180)));
  for (unsigned i = 100; i < 180; i += 10) Add(i, i + 10);
  const std::string expected = Answers(*other, 180);
  EXPECT_EQ(Answers(*collection_, 180), expected);
  // The result is the same when changes are replayed and when they were written in several steps.
  EXPECT_EQ(Answers(*OpenCollection(folder_ / "db", {.mode = OpenMode::kRead}), 180), expected);
  ASSERT_TRUE(collection_->Checkpoint());
  EXPECT_EQ(Answers(*collection_, 180), expected);
  EXPECT_EQ(Answers(*OpenCollection(folder_ / "db", {.mode = OpenMode::kRead}), 180), expected);
}

TEST_F(CheckpointTest, ASmallAdditionIsASmallFileAndTheLargeOneStays) {
  AddAndCheckpoint(0, 300);
  EXPECT_THAT(Names(folder_ / "db"),
              testing::ElementsAre("index-00000001.inlier", "lists-00000001.inlier"));
  const auto written = std::filesystem::last_write_time(Lists(1));
  const auto large = std::filesystem::file_size(Lists(1));
  EXPECT_GE(large, 300 * kFeatures * 12);
  AddAndCheckpoint(300, 310);
  EXPECT_THAT(Names(folder_ / "db"),
              testing::ElementsAre("index-00000001.inlier", "index-00000002.inlier",
                                   "lists-00000001.inlier", "lists-00000002.inlier"));
  EXPECT_GE(std::filesystem::file_size(Lists(2)), 10 * kFeatures * 12);
  EXPECT_LT(std::filesystem::file_size(Lists(2)), large / 10);
  EXPECT_EQ(std::filesystem::last_write_time(Lists(1)), written);
  EXPECT_EQ(collection_->Stats()->segments, 2u);

  // After as many items again, both small parts become one file. The previous generation still
  // refers to the first of them.
  AddAndCheckpoint(310, 320);
  EXPECT_EQ(collection_->Stats()->segments, 2u);
  EXPECT_GE(std::filesystem::file_size(Lists(3)), 20 * kFeatures * 12);
  EXPECT_THAT(Names(folder_ / "db"),
              testing::ElementsAre("index-00000002.inlier", "index-00000003.inlier",
                                   "lists-00000001.inlier", "lists-00000002.inlier",
                                   "lists-00000003.inlier"));
  AddAndCheckpoint(320, 321);
  EXPECT_THAT(Names(folder_ / "db"),
              testing::ElementsAre("index-00000003.inlier", "index-00000004.inlier",
                                   "lists-00000001.inlier", "lists-00000003.inlier",
                                   "lists-00000004.inlier"));
  EXPECT_EQ(std::filesystem::last_write_time(Lists(1)), written);

  // With more than half as much as in the large file, everything becomes one file.
  AddAndCheckpoint(321, 480);
  EXPECT_EQ(collection_->Stats()->segments, 1u);
  EXPECT_GE(std::filesystem::file_size(Lists(5)), 480 * kFeatures * 12);
  EXPECT_TRUE(collection_->Check()->problems.empty());
  EXPECT_EQ(Answers(*OpenCollection(folder_ / "db", {.mode = OpenMode::kRead}), 480),
            Answers(*collection_, 480));
}

TEST_F(CheckpointTest, WithoutAChangeNothingIsWritten) {
  AddAndCheckpoint(0, 50);
  const auto before = IndexFiles(folder_ / "db");
  ASSERT_TRUE(collection_->Checkpoint());
  EXPECT_EQ(IndexFiles(folder_ / "db"), before);
  ASSERT_TRUE(collection_->Remove({"item-3"}));
  ASSERT_TRUE(collection_->Checkpoint());  // a new head, and no lists
  EXPECT_THAT(Names(folder_ / "db"),
              testing::ElementsAre("index-00000001.inlier", "index-00000002.inlier",
                                   "lists-00000001.inlier"));
  EXPECT_EQ(OpenCollection(folder_ / "db", {.mode = OpenMode::kRead})->Stats()->removed, kFeatures);
}

TEST_F(CheckpointTest, PostingsOfRemovedItemsAreDroppedWhenTheyAreAThird) {
  AddAndCheckpoint(0, 300);
  ASSERT_TRUE(collection_->Remove(Ids(0, 60)));
  EXPECT_EQ(collection_->Stats()->removed, 60 * kFeatures);
  ASSERT_TRUE(collection_->Checkpoint());
  EXPECT_EQ(collection_->Stats()->postings, 300 * kFeatures);
  EXPECT_EQ(collection_->Stats()->removed, 60 * kFeatures);
  ASSERT_TRUE(collection_->Remove(Ids(60, 110)));
  ASSERT_TRUE(collection_->Checkpoint());
  EXPECT_EQ(collection_->Stats()->postings, 190 * kFeatures);
  EXPECT_EQ(collection_->Stats()->removed, 0u);
  EXPECT_LT(std::filesystem::file_size(Lists(3)), 200 * kFeatures * 12);
  EXPECT_TRUE(collection_->Check()->problems.empty());
  const auto found = collection_->Search(test::MakePhoto(test::MakeItem(200), 8, 1), 1, {});
  ASSERT_TRUE(found && !found->empty());
  EXPECT_EQ(found->front().number, *collection_->NumberOf("item-200"));
}

TEST_F(CheckpointTest, AnIndexOfNothingButRemovedItems) {
  AddAndCheckpoint(0, 40);
  ASSERT_TRUE(collection_->Remove(Ids(0, 40)));
  ASSERT_TRUE(collection_->Checkpoint());
  EXPECT_EQ(collection_->Stats()->postings, 0u);
  EXPECT_TRUE(collection_->Search(test::FeaturesOf(test::MakeItem(1)), 5, {})->empty());
  collection_.reset();
  collection_ = OpenForWriting(folder_ / "db");
  Add(50, 51);
  EXPECT_EQ(collection_->Search(test::FeaturesOf(test::MakeItem(50)), 5, {})->size(), 1u);
  ASSERT_TRUE(collection_->Checkpoint());
  EXPECT_TRUE(collection_->Check()->problems.empty());
}

// Stats reports as removed the postings that the lists have beyond those of the items.
TEST_F(CheckpointTest, RemovedPostingsAreCountedOnceTheyAreDroppedNoMore) {
  const auto expect_exact = [this] {
    const auto stats = collection_->Stats();
    EXPECT_EQ(stats->postings - stats->removed, stats->features);
  };
  AddAndCheckpoint(0, 40);
  for (unsigned i = 40; i < 60; i += 4) {
    Add(i, i + 4);  // merges in memory drop what was removed
    expect_exact();
    ASSERT_TRUE(collection_->Remove(Ids(i, i + 3)));
    expect_exact();
  }
  Add(59, 60);  // an update
  expect_exact();
}

TEST_F(CheckpointTest, AnItemWithoutFeaturesIsThereAndCanBeReplaced) {
  const auto blank = [] {
    std::vector<ItemUpdate> items;
    items.push_back(test::MakeItem(5, 0));
    return items;
  };
  ASSERT_TRUE(collection_->Put(blank()));
  for (const bool checkpoint : {false, true}) {
    if (checkpoint) {
      ASSERT_TRUE(collection_->Checkpoint());
    }
    collection_.reset();
    collection_ = OpenForWriting(folder_ / "db");
    EXPECT_THAT(collection_->Check()->problems, testing::IsEmpty());
    EXPECT_TRUE(collection_->Search(test::FeaturesOf(test::MakeItem(5)), 5, {})->empty());
    ASSERT_TRUE(collection_->Put(blank()));
  }
  Add(5, 6);
  EXPECT_EQ(collection_->Search(test::FeaturesOf(test::MakeItem(5)), 5, {})->size(), 1u);
  ASSERT_TRUE(collection_->Checkpoint());
  EXPECT_THAT(collection_->Check()->problems, testing::IsEmpty());
}

TEST(CheckpointPays, WhenOpeningWouldReadMillionsAgainAndAHalfOfAll) {
  EXPECT_FALSE(CheckpointPays(0, 0));
  EXPECT_FALSE(CheckpointPays(3'999'999, 3'999'999));
  EXPECT_TRUE(CheckpointPays(4'000'000, 4'000'000));
  EXPECT_TRUE(CheckpointPays(4'000'000, 8'000'000));
  EXPECT_FALSE(CheckpointPays(4'000'000, 8'000'001));
}

TEST(CheckpointPays, CountsWhatIsInNoFile) {
  const test::TempFolder folder;
  { ASSERT_TRUE(OpenForWriting(folder / "db")->Put(test::MakeItems(0, 40))); }
  const auto store = Store::Open(folder / "db", OpenMode::kWrite, "test", "");
  ASSERT_TRUE(store);
  GenerationFiles files(folder / "db", **store, {});
  LocalIndex index(**store, {});
  ASSERT_TRUE(index.Load(*files.LoadNewest(0, false)));
  EXPECT_EQ(index.unpublished_postings(), 40 * kFeatures);
  ASSERT_TRUE(index.Publish(files));
  EXPECT_EQ(index.unpublished_postings(), 0u);
  const auto items = test::MakeItems(40, 43);
  const auto written = (*store)->Put(items);
  ASSERT_TRUE(written);
  ASSERT_TRUE(index.Change(written->added, written->dropped));
  EXPECT_EQ(index.unpublished_postings(), 3 * kFeatures);
}

}  // namespace
}  // namespace inlier
