// Searches and readers that run at the same time as a writer.
#include <atomic>
#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/generation_files.h"
#include "index/local_index.h"
#include "index/voting.h"
#include "tests/index/collections.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using test::OpenCollection;
using test::OpenForWriting;

TEST(Readers, OpenWhileAWriterPublishesOverAndOver) {
  const test::TempFolder folder;
  const auto writer = OpenForWriting(folder / "db");
  ASSERT_TRUE(writer->Put(test::MakeItems(0, 40)) && writer->Checkpoint());
  std::atomic<bool> stop{false};
  std::jthread publishing([&] {
    for (unsigned i = 40; !stop; ++i) {
      const Status added = writer->Put(test::MakeItems(i, i + 1));
      EXPECT_TRUE(added) << added.error().message;
      const Status written = i % 7 == 0 ? writer->Rebuild() : writer->Checkpoint();
      EXPECT_TRUE(written) << written.error().message;
      // With more frequent checkpoints than this, RocksDB on a busy machine falls behind with
      // merging their tables, and a reader has to open all of them.
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  std::vector<std::string> notices;
  for (int opened = 0; opened < 5; ++opened) {
    const auto reader = OpenCollection(
        folder / "db", {.mode = OpenMode::kRead,
                        .memory_bytes = opened % 2 == 0 ? 0u : 1'000'000'000u,
                        .notice = [&](const std::string& line) { notices.push_back(line); }});
    if (!reader) break;
    const auto found = reader->Search(test::MakePhoto(test::MakeItem(17), 8, 1), 1, {});
    EXPECT_TRUE(found && !found->empty() && found->front().number == 17u);
  }
  stop = true;
  EXPECT_THAT(notices, testing::IsEmpty());
}

// If files disappear after a reader has read the manifest and before it opens them, the reader
// tries again with the next manifest.
TEST(Readers, LookAgainWhenAFileHasGoneMeanwhile) {
  const test::TempFolder folder;
  const auto writer = OpenForWriting(folder / "db");
  ASSERT_TRUE(writer->Put(test::MakeItems(0, 40)) && writer->Checkpoint());
  const auto store = Store::Open(folder / "db", OpenMode::kRead, "test", "");
  ASSERT_TRUE(store);
  for (unsigned i = 40; i < 42; ++i)
    ASSERT_TRUE(writer->Put(test::MakeItems(i, i + 1)) && writer->Rebuild());
  std::vector<std::string> notices;
  GenerationFiles files(
      folder / "db", **store,
      {.notice = [&](const std::string& line) { notices.push_back(line); }, .step = {}});
  const auto loaded = files.LoadNewest(/*memory_bytes=*/0, /*look_again=*/true);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(notices, testing::IsEmpty());
}

TEST(Snapshots, OneThatIsHeldStaysAsItIs) {
  const test::TempFolder folder;
  { ASSERT_TRUE(OpenForWriting(folder / "db")->Put(test::MakeItems(0, 60))); }
  auto store = Store::Open(folder / "db", OpenMode::kWrite, "test", "");
  ASSERT_TRUE(store);
  GenerationFiles files(folder / "db", **store, {});
  LocalIndex index(**store, {.memory_bytes = 0});
  ASSERT_TRUE(index.Load(*files.LoadNewest(0, false)));
  ASSERT_TRUE(index.Publish(files));
  const auto held = index.snapshot();
  ASSERT_FALSE(held->segments.empty());
  const Features photo = test::MakePhoto(test::MakeItem(9), 8, 1);
  const auto before = VoteForFaces(*held, photo, 5, {}, {*held->feature_counts, *held->face_keys});
  ASSERT_TRUE(before && before->front().number == 9u);

  const std::vector<std::string> ids{"item-9", "item-10"};
  for (int round = 0; round < 3; ++round) {  // until the first generation's files are gone
    if (round == 0) {
      ASSERT_TRUE(index.Change({}, (*store)->Remove(ids)->dropped));
    }
    ASSERT_TRUE(index.Build({}));
    ASSERT_TRUE(index.Publish(files));
  }
  ASSERT_FALSE(std::filesystem::exists(folder / "db" / held->segments.front()->file().file));
  const auto after = VoteForFaces(*held, photo, 5, {}, {*held->feature_counts, *held->face_keys});
  ASSERT_TRUE(after);
  ASSERT_EQ(after->size(), before->size());
  for (std::size_t i = 0; i < after->size(); ++i) {
    EXPECT_EQ((*after)[i].number, (*before)[i].number);
    EXPECT_EQ((*after)[i].votes, (*before)[i].votes);
  }
  const auto now = index.snapshot();
  const auto without = VoteForFaces(*now, photo, 60, {}, {*now->feature_counts, *now->face_keys});
  ASSERT_TRUE(without && !without->empty());
  for (const Candidate& candidate : *without) EXPECT_NE(candidate.number, 9u);
}

TEST(Snapshots, SearchesRunWhileItemsGoAndTheIndexIsRebuilt) {
  const test::TempFolder folder;
  const auto collection =
      OpenCollection(folder / "db", {.mode = OpenMode::kCreate, .memory_bytes = 0});
  ASSERT_TRUE(collection->Put(test::MakeItems(0, 60)) && collection->Checkpoint());
  std::atomic<bool> stop{false};
  std::vector<std::jthread> searching;
  for (unsigned t = 0; t < 2; ++t) {
    searching.emplace_back([&, t] {
      const Features photo = test::MakePhoto(test::MakeItem(t), 8, 1);
      do {
        const auto found = collection->Search(photo, 3, {});
        EXPECT_TRUE(found && !found->empty() && found->front().number == t);
      } while (!stop);
    });
  }
  for (unsigned i = 10; i < 22; i += 3) {
    EXPECT_TRUE(collection->Remove({"item-" + std::to_string(i)}));
    EXPECT_TRUE(i % 2 == 0 ? collection->Rebuild() : collection->Checkpoint());
  }
  stop = true;
}

}  // namespace
}  // namespace inlier
