#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "index/collection.h"
#include "tests/index/made_items.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

enum Outcome { kHeld = 0, kCannotMount = 77, kNeverFull = 2, kWrongError = 3, kLost = 4, kNotReopened = 5 };

// Runs in a child with mounts of its own: fills a small tmpfs, makes it larger and looks what is left.
Outcome FillDisk(const std::filesystem::path& folder) {
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("inlier-test", folder.c_str(), "tmpfs", 0, "size=6m") != 0) {
    return kCannotMount;
  }
  unsigned acknowledged = 0;
  {
    auto collection = Collection::Open(folder / "db", {.mode = OpenMode::kCreate, .recipe = "test"});
    if (!collection) return kNotReopened;
    for (;; ++acknowledged) {
      if (acknowledged == 500) return kNeverFull;
      std::vector<NewItem> items;
      items.push_back(test::MakeItem(acknowledged, 300));
      const Status added = (*collection)->Add(std::move(items));
      if (added) continue;
      if (added.error().code != ErrorCode::kIo || added.error().message.find("disk is full") == std::string::npos) {
        std::fprintf(stderr, "%s\n", added.error().message.c_str());
        return kWrongError;
      }
      break;
    }
  }
  if (mount("inlier-test", folder.c_str(), "tmpfs", MS_REMOUNT, "size=64m") != 0) return kCannotMount;
  auto collection = Collection::Open(folder / "db", {.mode = OpenMode::kWrite});
  if (!collection) {
    std::fprintf(stderr, "%s\n", collection.error().message.c_str());
    return kNotReopened;
  }
  for (unsigned i = 0; i < acknowledged; ++i) {
    const auto found = (*collection)->Find("item-" + std::to_string(i));
    if (!found || !*found) return kLost;
  }
  const auto report = (*collection)->Check();
  return acknowledged > 3 && report && report->problems.empty() && (*collection)->Checkpoint() ? kHeld : kLost;
}

TEST(FullDisk, IsSaidAndNothingAcknowledgedIsLost) {
  const test::TempFolder folder;
  const pid_t child = fork();
  if (child == 0) _exit(FillDisk(folder.path()));
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  if (WEXITSTATUS(status) == kCannotMount) GTEST_SKIP() << "mounting a small disk needs root";
  EXPECT_EQ(WEXITSTATUS(status), kHeld);
}

}  // namespace
}  // namespace inlier
