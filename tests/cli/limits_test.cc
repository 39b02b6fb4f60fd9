// The program under limits of the process: it ends with the cause in one line, or does its work.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/shop.h"

namespace inlier {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

using Commands = std::vector<std::vector<std::string>>;
const Commands kCommands = {{"version"},
                            {"query", "mug_photo.jpg", "--db", "shop.db"},
                            {"index", "items", "--db", "new.db"},
                            {"stats", "--db", "shop.db"},
                            {"check", "--db", "shop.db"},
                            {"rebuild", "--db", "shop.db"}};

class LimitsTest : public test::Shop {
 protected:
  // Every command works, or says in its last line which limit keeps it from working.
  void ExpectACause(const std::string& about) const {
    for (const auto& command : kCommands) {
      const auto run = Inlier(command);
      if (run.exit == 0) continue;
      EXPECT_EQ(run.exit, 1) << about << ", " << command.front() << ": " << run.err;
      const std::string last = run.err.substr(std::min(run.err.rfind("inlier: "), run.err.size()));
      EXPECT_EQ(std::count(last.begin(), last.end(), '\n'), 1) << run.err;
      EXPECT_THAT(last, AnyOf(HasSubstr("memory"), HasSubstr("thread"))) << about;
    }
  }
};

TEST_F(LimitsTest, FewOpenFilesAreNamedAsTheCause) {
  Index();
  Limit(RLIMIT_NOFILE, 12, 12);
  const auto run = Inlier({"query", "mug_photo.jpg", "--db", "shop.db"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("too many open files"));
}

TEST_F(LimitsTest, TheSoftLimitOfOpenFilesIsRaised) {
  Index();
  Limit(RLIMIT_NOFILE, 12, 1024);
  EXPECT_THAT(Inlier({"query", "mug_photo.jpg", "--db", "shop.db"}).out, HasSubstr("mug"));
}

TEST_F(LimitsTest, LittleMemoryIsNeitherAnAbortNorAHang) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer takes more address space than any limit";
#endif
  Index();
  // Below 110 MB of addresses the libraries cannot be mapped.
  for (const rlim_t mb : {120, 150, 200, 400}) {
    Limit(RLIMIT_AS, mb * 1'000'000, mb * 1'000'000);
    ExpectACause(std::to_string(mb) + " MB");
  }
}

TEST_F(LimitsTest, APictureWithoutMemoryIsNotDamaged) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer takes more address space than any limit";
#endif
  test::WriteImage(File("large.png"), test::DrawTexture(5, 3000, 2400));
  for (const rlim_t mb : {145, 155, 170, 200, 230}) {
    Limit(RLIMIT_AS, mb * 1'000'000, mb * 1'000'000);
    const auto run = Inlier({"match", "large.png", "other.jpg"});
    EXPECT_LE(run.exit, 1) << mb << ": " << run.err;
    EXPECT_THAT(run.err, AnyOf("", HasSubstr("memory"))) << mb;
  }
}

// The limit counts all processes of the user, and the threads of this test's own are among them.
TEST_F(LimitsTest, FewThreadsAreNeitherAnAbortNorAHang) {
  if (geteuid() == 0) GTEST_SKIP() << "root has no limit of threads";
  Index();
  setenv("OPENBLAS_NUM_THREADS", "1", 1);  // it ends the program itself, before main()
  for (const rlim_t threads : {2, 3, 4, 5, 6, 8}) {
    Limit(RLIMIT_NPROC, threads, threads);
    ExpectACause(std::to_string(threads) + " threads");
  }
  unsetenv("OPENBLAS_NUM_THREADS");
}

}  // namespace
}  // namespace inlier
