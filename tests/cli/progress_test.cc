#include "cli/progress.h"

#include <gtest/gtest.h>

namespace inlier::cli {
namespace {

TEST(Progress, ShowsShareRateAndWhatIsLeft) {
  EXPECT_EQ(ProgressText("query", 120, 1000, 25),
            "query 120/1000 (12 %), 4.8 a second, "
            "3 min 03 s left");
  EXPECT_EQ(ProgressText("extract", 5000, 10'000, 50),
            "extract 5000/10000 (50 %), 100 a second, 50 s left");
  EXPECT_EQ(ProgressText("query", 3, 50'000, 6),
            "query 3/50000 (0 %), 30.0 a minute, "
            "27 h 46 min left");
  EXPECT_EQ(ProgressText("query", 1000, 1000, 25),
            "query 1000/1000 (100 %), 40 a second, 0 s left");
}

TEST(Progress, ClaimsNothingThatIsNotKnownYet) {
  EXPECT_EQ(ProgressText("query", 0, 1000, 25), "query 0/1000 (0 %)");
  EXPECT_EQ(ProgressText("query", 9, 1000, 0.5), "query 9/1000 (0 %)");
  EXPECT_EQ(ProgressText("open", 0, 0, 130), "open, 2 min 10 s");
  EXPECT_EQ(ProgressText("train", 0, 1, 3), "train, 3 s");
}

}  // namespace
}  // namespace inlier::cli
