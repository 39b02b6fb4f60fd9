// Lists that are memory-mapped and read only when a search needs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/index/collections.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

using test::Answers;
using test::OpenCollection;

class LazyIndexTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto collection = test::OpenForWriting(folder_ / "db");
    for (const auto& [begin, end] : {std::pair{0u, 80u}, {80u, 90u}}) {
      ASSERT_TRUE(collection->Put(test::MakeItems(begin, end)));
      ASSERT_TRUE(collection->Checkpoint());
    }
  }
  std::unique_ptr<Collection> Open(OpenMode mode, std::uint64_t memory_bytes) {
    return OpenCollection(
        folder_ / "db", {.mode = mode,
                         .memory_bytes = memory_bytes,
                         .notice = [this](const std::string& line) { notices_.push_back(line); }});
  }
  test::TempFolder folder_;
  std::vector<std::string> notices_;
};

TEST_F(LazyIndexTest, AnswersAsEverythingInMemoryDoes) {
  const auto lazy = Open(OpenMode::kRead, 0), eager = Open(OpenMode::kRead, 1'000'000'000);
  EXPECT_EQ(Answers(*lazy, 90), Answers(*eager, 90));
  EXPECT_GE(lazy->Stats()->mapped_bytes, 90u * 60 * 12);
  EXPECT_EQ(eager->Stats()->mapped_bytes, 0u);
  EXPECT_EQ(lazy->Stats()->index_bytes + lazy->Stats()->mapped_bytes, eager->Stats()->index_bytes);
  EXPECT_THAT(lazy->Check()->problems, testing::IsEmpty());
}

TEST_F(LazyIndexTest, MemoryIsHeldAgainstAllListsTogether) {
  const auto files = test::IndexFiles(folder_ / "db");
  const std::uint64_t both = files.at("lists-00000001.inlier") + files.at("lists-00000002.inlier");
  EXPECT_EQ(Open(OpenMode::kRead, both)->Stats()->mapped_bytes, 0u);
  EXPECT_GE(Open(OpenMode::kRead, both - 1)->Stats()->mapped_bytes, 90u * 60 * 12);
}

TEST_F(LazyIndexTest, AWriterAddsAndPublishesOnTopOfIt) {
  const auto writer = Open(OpenMode::kWrite, 0);
  ASSERT_TRUE(writer->Put(test::MakeItems(90, 150)));
  const std::string expected = Answers(*writer, 150);
  ASSERT_TRUE(writer->Checkpoint());
  EXPECT_EQ(Answers(*writer, 150), expected);
  EXPECT_GE(writer->Stats()->mapped_bytes, 150u * 60 * 12);
  EXPECT_EQ(Answers(*Open(OpenMode::kRead, 1'000'000'000), 150), expected);
}

TEST_F(LazyIndexTest, DamageIsAnErrorOfTheSearchAndRebuildMendsIt) {
  test::Damage(folder_ / "db/lists-00000001.inlier", 500);
  const auto writer = Open(OpenMode::kWrite, 0);
  const auto found = writer->Search(test::FeaturesOf(test::MakeItem(7)), 5, {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(found.error().message, testing::HasSubstr("lists-00000001.inlier"));
  const auto problems = writer->Check()->problems;
  ASSERT_EQ(problems.size(), 1u);  // both generations name the file
  EXPECT_THAT(problems.front(), testing::HasSubstr("lists-00000001.inlier"));
  ASSERT_TRUE(writer->Rebuild());
  EXPECT_THAT(writer->Check()->problems, testing::IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "db/lists-00000001.inlier"));
  EXPECT_EQ(Answers(*writer, 90), Answers(*Open(OpenMode::kRead, 1'000'000'000), 90));
  EXPECT_THAT(notices_, testing::IsEmpty());  // nothing was read at opening
}

TEST_F(LazyIndexTest, DamageIsNoticedAtOpeningWhenAllIsRead) {
  const std::string expected = Answers(*Open(OpenMode::kRead, 0), 90);
  test::Damage(folder_ / "db/lists-00000002.inlier", 500);
  const auto older = Open(OpenMode::kRead, 1'000'000'000);  // replays the later changes
  ASSERT_EQ(notices_.size(), 1u);
  EXPECT_THAT(notices_[0], testing::HasSubstr("lists-00000002.inlier"));
  EXPECT_THAT(notices_[0], testing::HasSubstr("generation before"));
  EXPECT_EQ(Answers(*older, 90), expected);
  test::Damage(folder_ / "db/lists-00000001.inlier", 500);
  const auto rebuilt = Open(OpenMode::kRead, 1'000'000'000);
  ASSERT_EQ(notices_.size(), 3u);
  EXPECT_THAT(notices_[2], testing::HasSubstr("rebuilding"));
  EXPECT_EQ(rebuilt->Search(test::MakePhoto(test::MakeItem(85), 8, 1), 1, {})->front().number, 85u);
}

TEST_F(LazyIndexTest, AMissingFileOfListsIsADamagedGeneration) {
  std::filesystem::remove(folder_ / "db/lists-00000002.inlier");
  const auto writer = Open(OpenMode::kWrite, 0);
  ASSERT_EQ(notices_.size(), 1u);
  EXPECT_THAT(notices_[0], testing::HasSubstr("lists-00000002.inlier"));
  EXPECT_EQ(writer->Search(test::MakePhoto(test::MakeItem(85), 8, 1), 1, {})->front().number, 85u);
  ASSERT_TRUE(writer->Checkpoint());  // an intact file takes its place
  EXPECT_THAT(writer->Check()->problems, testing::IsEmpty());
}

}  // namespace
}  // namespace inlier
