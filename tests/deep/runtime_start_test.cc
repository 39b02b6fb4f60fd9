// What ONNX Runtime does when it starts depends on the process that it is in: on the command line
// and on the home folder. So each of these tests runs another test of this program, one that opens
// a model, in a process of its own.
#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/files.h"

namespace inlier {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The wait status of a process that opens a model. Its environment has a home folder and nothing
// else, since the runtime behaves differently where a variable says that it is being tested.
int OpenModelInAProcess(const std::filesystem::path& home, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {
      "deep_test", "--gtest_filter=TinyModelTest.GreyAndTinyImagesAreDescribed"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::vector<std::string> environment = {"HOME=" + home.string()};
  pid_t child = 0;
  if (posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, Pointers(arguments).data(),
                  Pointers(environment).data()) != 0)
    return -1;
  int status = -1;
  return waitpid(child, &status, 0) == child ? status : -1;
}

TEST(RuntimeStart, TakesTheLongestCommandLine) {
  if (!INLIER_HAS_DEEP) GTEST_SKIP() << "this build has no ONNX Runtime (scripts/setup-deep)";
  const test::TempFolder home;
  const std::vector<std::string> photos(12, std::string(100'000, 'x'));  // Linux allows 2 MiB
  EXPECT_EQ(OpenModelInAProcess(home.path(), photos), 0);
}

TEST(RuntimeStart, LeavesNothingInTheHomeFolder) {
  if (!INLIER_HAS_DEEP) GTEST_SKIP() << "this build has no ONNX Runtime (scripts/setup-deep)";
  const test::TempFolder home;
  EXPECT_EQ(OpenModelInAProcess(home.path()), 0);
  EXPECT_TRUE(std::filesystem::is_empty(home.path()));
}

}  // namespace
}  // namespace inlier
