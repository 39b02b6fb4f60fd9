// Tests copies of a database, and how a reader notices that a writer has made changes.
#include <atomic>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/index/collections.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

namespace fs = std::filesystem;
using test::Answers;
using test::OpenCollection;
using test::OpenForWriting;

std::unique_ptr<Collection> OpenForReading(const fs::path& folder) {
  return OpenCollection(folder, {.mode = OpenMode::kRead});
}

void ExpectWhole(const Collection& collection) {
  const auto report = collection.Check();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->problems, testing::IsEmpty());
}

TEST(Snapshot, OpensAndAnswersTheSame) {
  const test::TempFolder folder;
  const auto collection = OpenForWriting(folder / "db");
  ASSERT_TRUE(collection->Put(test::MakeItems(0, 60)) && collection->Checkpoint());
  ASSERT_TRUE(collection->Put(test::MakeItems(60, 70)));  // not yet in an index file
  ASSERT_TRUE(collection->Remove({"item-61"}));
  const Status made = collection->Snapshot(folder / "copy");
  ASSERT_TRUE(made) << made.error().message;
  // The writer's own index still counts the postings of the removed item; an index that is loaded
  // from files does not contain them.
  const std::string answers = Answers(*OpenForReading(folder / "db"), 60);
  // Later changes of the original do not affect the copy.
  ASSERT_TRUE(collection->Put(test::MakeItems(0, 80)) && collection->Rebuild());
  std::vector<std::string> notices;
  const auto copy = OpenCollection(
      folder / "copy", {.mode = OpenMode::kWrite,
                        .notice = [&](const std::string& line) { notices.push_back(line); }});
  ASSERT_TRUE(copy);
  EXPECT_THAT(notices, testing::IsEmpty());
  EXPECT_EQ(copy->Stats()->items, 69u);
  EXPECT_EQ(copy->generation(), 1u);
  EXPECT_EQ(Answers(*copy, 60), answers);
  ExpectWhole(*copy);
  // The copy is an independent database.
  ASSERT_TRUE(copy->Put(test::MakeItems(90, 91)) && copy->Checkpoint());
  EXPECT_FALSE(*collection->Find("item-90"));
  EXPECT_FALSE(fs::exists(folder / "copy.tmp"));
}

TEST(Snapshot, OfADatabaseWithoutAnIndexOrWithoutItems) {
  const test::TempFolder folder;
  const auto collection = OpenForWriting(folder / "db");
  ASSERT_TRUE(collection->Snapshot(folder / "empty"));
  EXPECT_EQ(OpenForReading(folder / "empty")->Stats()->items, 0u);
  ASSERT_TRUE(collection->Put(test::MakeItems(0, 3)));
  ASSERT_TRUE(collection->Snapshot(folder / "few/"));
  EXPECT_EQ(OpenForReading(folder / "few")->Stats()->items, 3u);
}

TEST(Snapshot, IsWholeBesideABusyWriter) {
  const test::TempFolder folder;
  const auto collection = OpenForWriting(folder / "db");
  ASSERT_TRUE(collection->Put(test::MakeItems(0, 40)) && collection->Checkpoint());
  std::atomic<bool> stop{false};
  std::jthread writing([&] {
    for (unsigned i = 40; !stop; ++i) {
      EXPECT_TRUE(collection->Put(test::MakeItems(i, i + 1)));
      EXPECT_TRUE(i % 3 == 0 ? collection->Rebuild() : collection->Checkpoint());
    }
  });
  for (int i = 0; i < 4; ++i) {
    const fs::path to = folder / ("copy-" + std::to_string(i));
    const Status made = collection->Snapshot(to);
    ASSERT_TRUE(made) << made.error().message;
    std::vector<std::string> notices;
    const auto copy =
        OpenCollection(to, {.mode = OpenMode::kRead,
                            .notice = [&](const std::string& line) { notices.push_back(line); }});
    ASSERT_TRUE(copy);
    EXPECT_THAT(notices, testing::IsEmpty());
    ExpectWhole(*copy);
    const auto found = copy->Search(test::MakePhoto(test::MakeItem(17), 8, 1), 1, {});
    EXPECT_TRUE(found && !found->empty() && found->front().number == 17u);
  }
  stop = true;
  writing.join();
  // Files that were kept for a copy are deleted at the next publication.
  ASSERT_TRUE(collection->Put(test::MakeItems(500, 501)) && collection->Rebuild());
  ASSERT_TRUE(collection->Put(test::MakeItems(501, 502)) && collection->Rebuild());
  EXPECT_LE(test::IndexFiles(folder / "db").size(), 4u);
}

TEST(Snapshot, ReplacesNothingAndMakesNoFolderAbove) {
  const test::TempFolder folder;
  const auto collection = OpenForWriting(folder / "db");
  ASSERT_TRUE(collection->Put(test::MakeItems(0, 3)));
  fs::create_directory(folder / "there");
  EXPECT_EQ(collection->Snapshot(folder / "there").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(collection->Snapshot(folder / "db").error().code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(fs::is_empty(folder / "there"));
  EXPECT_EQ(collection->Snapshot(folder / "no/copy").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(folder / "no"));
  const auto reader = OpenForReading(folder / "db");
  EXPECT_EQ(reader->Snapshot(folder / "copy").error().code, ErrorCode::kInvalidArgument);
  // The leftovers of a run that died do not get in the way.
  fs::create_directories(folder / "copy.tmp/rest");
  EXPECT_TRUE(collection->Snapshot(folder / "copy"));
  EXPECT_FALSE(fs::exists(folder / "copy.tmp"));
}

TEST(Behind, ShowsWhatAWriterHasDoneSince) {
  const test::TempFolder folder;
  const auto writer = OpenForWriting(folder / "db");
  ASSERT_TRUE(writer->Put(test::MakeItems(0, 3)));
  const auto first = OpenForReading(folder / "db");
  EXPECT_FALSE(first->Behind());
  ASSERT_TRUE(writer->Put(test::MakeItems(3, 4)));
  EXPECT_TRUE(first->Behind());
  EXPECT_FALSE(writer->Behind());
  const auto second = OpenForReading(folder / "db");
  EXPECT_FALSE(second->Behind());
  EXPECT_EQ(second->last_change(), writer->last_change());
  EXPECT_GT(second->last_change(), first->last_change());
  EXPECT_EQ(second->generation(), 0u);
  ASSERT_TRUE(writer->Checkpoint());
  EXPECT_TRUE(second->Behind());
  EXPECT_EQ(writer->generation(), 1u);
  EXPECT_EQ(OpenForReading(folder / "db")->generation(), 1u);
}

TEST(Behind, WithoutAMarkACheckpointShows) {
  const test::TempFolder folder;
  {
    const auto writer = OpenForWriting(folder / "db");
    ASSERT_TRUE(writer->Put(test::MakeItems(0, 3)) && writer->Checkpoint());
  }
  fs::remove(folder / "db/ACKNOWLEDGED");
  const auto reader = OpenForReading(folder / "db");
  EXPECT_FALSE(reader->Behind());
  const auto writer = OpenForWriting(folder / "db");
  ASSERT_TRUE(writer->Put(test::MakeItems(3, 4)) && writer->Checkpoint());
  fs::remove(folder / "db/ACKNOWLEDGED");
  EXPECT_TRUE(reader->Behind());
}

}  // namespace
}  // namespace inlier
