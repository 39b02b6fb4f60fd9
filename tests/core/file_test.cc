#include "core/file.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files.h"

namespace inlier {
namespace {

std::string Content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(PublishFile, WritesAndReplaces) {
  const test::TempFolder folder;
  const auto path = folder / "index.bin";
  ASSERT_TRUE(PublishFile(path, "old"));
  EXPECT_EQ(Content(path), "old");
  const std::string large(3'000'000, 'x');
  ASSERT_TRUE(PublishFile(path, large));
  EXPECT_EQ(Content(path), large);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(PublishFile, AReaderSeesOldOrNewAtEveryStep) {
  const test::TempFolder folder;
  const auto path = folder / "index.bin";
  ASSERT_TRUE(PublishFile(path, "old"));
  std::vector<std::string> seen;
  ASSERT_TRUE(PublishFile(path, "new", [&](std::string_view step) {
    seen.push_back(std::string(step) + " " + Content(path));
  }));
  EXPECT_THAT(seen, testing::ElementsAre("write old", "sync old", "rename old", "sync-folder new"));
}

TEST(PublishFile, ALeftOverTemporaryIsNoHindrance) {
  const test::TempFolder folder;
  const auto path = folder / "index.bin";
  struct Died {};
  EXPECT_THROW(std::ignore = PublishFile(path, "a much longer first try",
                                         [](std::string_view step) {
                                           if (step == "rename") throw Died();
                                         }),
               Died);
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE(PublishFile(path, "second"));
  EXPECT_EQ(Content(path), "second");
}

TEST(PublishFile, AFileNameAloneIsInTheCurrentFolder) {
  const test::TempFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const auto status = PublishFile("index.bin", "here");
  std::filesystem::current_path(before);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(Content(folder / "index.bin"), "here");
}

TEST(PublishFile, SaysWhatTheSystemSaid) {
  const test::TempFolder folder;
  const auto status = PublishFile(folder / "absent" / "index.bin", "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_THAT(status.error().message, testing::HasSubstr("No such file or directory"));
}

// tests/index/full_disk_test.cc tests what happens when the disk is full.
TEST(PublishFile, AWriteThatFailsLeavesTheOldFile) {
  const test::TempFolder folder;
  const auto path = folder / "index.bin";
  ASSERT_TRUE(PublishFile(path, "old"));
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit two_bytes{2, limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &two_bytes);
  const auto status = PublishFile(path, "new");
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, testing::HasSubstr("File too large"));
  EXPECT_EQ(Content(path), "old");
  EXPECT_FALSE(std::filesystem::exists(folder / "index.bin.tmp"));
}

TEST(PublishFile, ALinkInItsWayIsNotFollowed) {
  const test::TempFolder folder;
  test::WriteBytes(folder / "elsewhere", "theirs");
  std::filesystem::create_symlink(folder / "elsewhere", folder / "index.bin.tmp");
  std::filesystem::create_symlink(folder / "elsewhere", folder / "index.bin");
  ASSERT_TRUE(PublishFile(folder / "index.bin", "ours"));
  EXPECT_EQ(Content(folder / "elsewhere"), "theirs");
  EXPECT_EQ(Content(folder / "index.bin"), "ours");
  EXPECT_TRUE(
      std::filesystem::is_regular_file(std::filesystem::symlink_status(folder / "index.bin")));
}

TEST(PublishFile, AWriterPutsAFileThatNeedNotFitInMemory) {
  const test::TempFolder folder;
  const auto path = folder / "index.bin";
  std::string expected;
  ASSERT_TRUE(PublishFile(path, [&](const PutBytes& put) {
    for (int i = 0; i < 3000; ++i) {
      const std::string bytes(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
      expected += bytes;
      put(bytes);
    }
    return Status();
  }));
  EXPECT_TRUE(Content(path) == expected) << Content(path).size() << " bytes of " << expected.size();
}

TEST(PublishFile, AnErrorOfTheWriterLeavesTheOldFileAndNothingElse) {
  const test::TempFolder folder;
  const auto path = folder / "index.bin";
  ASSERT_TRUE(PublishFile(path, "old"));
  std::vector<std::string> steps;
  const auto status = PublishFile(
      path,
      [](const PutBytes& put) -> Status {
        put(std::string(3'000'000, 'x'));
        return Fail(ErrorCode::kCorrupt, "a list is damaged");
      },
      [&](std::string_view step) { steps.emplace_back(step); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(status.error().message, "a list is damaged");
  EXPECT_EQ(Content(path), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  EXPECT_THAT(steps, testing::Not(testing::Contains("rename")));
}

TEST(PublishFile, AFailedRenameLeavesNoTemporary) {
  const test::TempFolder folder;
  test::WriteBytes(folder / "index.bin/inside", "a folder is in the way");
  const auto status = PublishFile(folder / "index.bin", "new");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_THAT(status.error().message, testing::HasSubstr("rename"));
  EXPECT_FALSE(std::filesystem::exists(folder / "index.bin.tmp"));
}

}  // namespace
}  // namespace inlier
