#include <sys/wait.h>

#include <gtest/gtest.h>

#include "tests/index/child.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

TEST(FullDisk, IsSaidAndNothingAcknowledgedIsLost) {
  const test::TempFolder folder;
  const int status = test::RunChild({"fill", folder.path().string()});
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  if (WEXITSTATUS(status) == test::kCannotMount) GTEST_SKIP() << "mounting a small disk needs root";
  EXPECT_EQ(WEXITSTATUS(status), test::kHeld);
}

}  // namespace
}  // namespace inlier
