#include <csignal>
#include <fstream>

#include <sys/wait.h>

#include <gtest/gtest.h>

#include "index/collection.h"
#include "tests/index/child.h"
#include "tests/index/collections.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using test::MakeItem;
using test::MakeItems;
using test::MakePhoto;

// A child opens the database, adds items, acknowledges, and dies by SIGKILL at the named step of
// its checkpoint (or right after the acknowledgement). Returns true if that signal killed it.
bool ChildDiesAt(const std::filesystem::path& folder, const std::string& dies_at, unsigned begin,
                 unsigned end) {
  const int status =
      test::RunChild({"die", folder.string(), dies_at, std::to_string(begin), std::to_string(end)});
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void ExpectWhole(const std::filesystem::path& folder, std::uint64_t items, unsigned asks_for) {
  const auto collection = Collection::Open(folder, {.mode = OpenMode::kWrite, .recipe = "test"});
  ASSERT_TRUE(collection) << collection.error().message;
  EXPECT_EQ((*collection)->Stats()->items, items);
  const auto report = (*collection)->Check();
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->problems.empty()) << report->problems.front();
  const auto best = (*collection)->Search(MakePhoto(MakeItem(asks_for), 8, 1), 1, {});
  ASSERT_TRUE(best);
  ASSERT_FALSE(best->empty());
  EXPECT_EQ(test::IdOf(**collection, best->front().number), "item-" + std::to_string(asks_for));
}

class CheckpointStepTest : public testing::TestWithParam<std::string> {};

TEST_P(CheckpointStepTest, NothingAcknowledgedIsLostInTheFirstCheckpoint) {
  const test::TempFolder folder;
  ASSERT_TRUE(ChildDiesAt(folder / "db", GetParam(), 0, 40));
  ExpectWhole(folder / "db", GetParam() == "acknowledged" ? 40 : 39, 21);
}

TEST_P(CheckpointStepTest, NothingAcknowledgedIsLostInALaterCheckpoint) {
  const test::TempFolder folder;
  for (unsigned i = 0; i < 2; ++i) {  // two generations exist already
    const auto collection =
        Collection::Open(folder / "db", {.mode = OpenMode::kCreate, .recipe = "test"});
    ASSERT_TRUE(collection && (*collection)->Put(MakeItems(i * 20, i * 20 + 20)) &&
                (*collection)->Checkpoint());
  }
  ASSERT_TRUE(ChildDiesAt(folder / "db", GetParam(), 40, 60));
  ExpectWhole(folder / "db", GetParam() == "acknowledged" ? 60 : 59, 55);
  // The next checkpoint works and leaves no strays behind.
  {
    const auto collection = Collection::Open(folder / "db", {.mode = OpenMode::kWrite});
    ASSERT_TRUE(collection && (*collection)->Put(MakeItems(60, 62)) && (*collection)->Checkpoint());
  }
  int index_files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "db")) {
    index_files += entry.path().filename().string().starts_with("index-");
  }
  EXPECT_EQ(index_files, 2);
}

INSTANTIATE_TEST_SUITE_P(Steps, CheckpointStepTest,
                         testing::Values("acknowledged", "write", "sync", "rename", "sync-folder",
                                         "manifest", "clean", "done"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, '-');
                           return name;
                         });

class DamageTest : public testing::Test {
 protected:
  void SetUp() override {
    for (unsigned i = 0; i < 2; ++i) {
      const auto collection =
          Collection::Open(folder_ / "db", {.mode = OpenMode::kCreate, .recipe = "test"});
      ASSERT_TRUE(collection && (*collection)->Put(MakeItems(i * 20, i * 20 + 20)) &&
                  (*collection)->Checkpoint());
    }
  }
  void FlipByte(const std::string& file) {
    std::fstream stream(folder_ / "db" / file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(5000);
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(5000);
    stream.put(byte);
    ASSERT_TRUE(stream.good());
  }
  std::vector<std::string> OpenAndAsk() {
    std::vector<std::string> notices;
    const auto collection = Collection::Open(
        folder_ / "db", {.mode = OpenMode::kRead,
                         .notice = [&](const std::string& line) { notices.push_back(line); }});
    EXPECT_TRUE(collection);
    if (!collection) return notices;
    for (const unsigned asked : {3u, 33u}) {
      const auto best = (*collection)->Search(MakePhoto(MakeItem(asked), 8, 1), 1, {});
      EXPECT_TRUE(best && !best->empty());
      EXPECT_EQ(test::IdOf(**collection, best->front().number), "item-" + std::to_string(asked));
    }
    return notices;
  }
  test::TempFolder folder_;
};

TEST_F(DamageTest, ADamagedIndexFileFallsBackToTheOneBefore) {
  FlipByte("index-00000002.inlier");
  const auto notices = OpenAndAsk();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_NE(notices[0].find("index-00000002.inlier"), std::string::npos);
  EXPECT_NE(notices[0].find("generation before"), std::string::npos);
}

TEST_F(DamageTest, WithBothDamagedTheIndexIsRebuilt) {
  FlipByte("index-00000002.inlier");
  std::filesystem::remove(folder_ / "db" / "index-00000001.inlier");
  const auto notices = OpenAndAsk();
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_NE(notices[1].find("rebuilding"), std::string::npos);
}

TEST_F(DamageTest, CheckFindsItAndACheckpointMendsIt) {
  FlipByte("index-00000002.inlier");
  const auto collection = Collection::Open(folder_ / "db", {.mode = OpenMode::kWrite});
  ASSERT_TRUE(collection);
  EXPECT_EQ((*collection)->Check()->problems.size(), 1u);
  ASSERT_TRUE((*collection)->Checkpoint());
  ASSERT_TRUE((*collection)->Rebuild());
  EXPECT_TRUE((*collection)->Check()->problems.empty());
}

}  // namespace
}  // namespace inlier
