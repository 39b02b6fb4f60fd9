#include "bench/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files.h"

namespace inlier::test {
namespace {

TEST(Answers, ComeBackAsTheyWereKept) {
  const TempFolder folder;
  MethodAnswers kept{.costs = R"({"build":{"items":3}})"};
  kept.photos.resize(2);
  kept.photos[0][0] = BenchAnswer{.items = {{.id = "a",
                                             .score = 1.25,
                                             .probability = 0.777,
                                             .accepted = true,
                                             .inliers = 12,
                                             .outline = {{1, 2}, {3, 2}, {3, 4}}},
                                            {.id = "b", .score = -3}},
                                  .wall_ms = 17.5};
  kept.photos[0][0]->cpu.verify_ms = 3.5;
  kept.photos[1][2] = BenchAnswer{.error = "no image"};
  const auto path = folder / "answers.json";
  ASSERT_TRUE(WriteAnswers(path, "print", kept));
  const auto read = ReadAnswers(path, "print");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->costs, kept.costs);
  ASSERT_EQ(read->photos.size(), 2u);
  ASSERT_TRUE(read->photos[0][0]);
  EXPECT_FALSE(read->photos[0][1]);
  EXPECT_THAT(read->photos[0][0]->ranking(), testing::ElementsAre("a", "b"));
  const RankedItem& a = read->photos[0][0]->items[0];
  EXPECT_DOUBLE_EQ(a.score, 1.25);
  EXPECT_DOUBLE_EQ(a.probability, 0.777);
  EXPECT_TRUE(a.accepted);
  EXPECT_EQ(a.inliers, 12);
  ASSERT_EQ(a.outline.size(), 3u);
  EXPECT_FLOAT_EQ(a.outline[2].y_px, 4);
  EXPECT_DOUBLE_EQ(read->photos[0][0]->cpu.verify_ms, 3.5);
  EXPECT_EQ(read->photos[1][2]->error, "no image");
}

TEST(Answers, OfAnotherRunOrCutOffAreAsGoodAsNone) {
  const TempFolder folder;
  const auto path = folder / "answers.json";
  EXPECT_FALSE(ReadAnswers(path, "print"));
  ASSERT_TRUE(WriteAnswers(path, "print", {}));
  EXPECT_FALSE(ReadAnswers(path, "other"));
  WriteBytes(path, R"({"fingerprint":"print","photos":[)");
  EXPECT_FALSE(ReadAnswers(path, "print"));
  WriteBytes(path, R"({"fingerprint":"print","costs":{},"photos":[{"joint":{"items":[[1]]}}]})");
  EXPECT_FALSE(ReadAnswers(path, "print"));
}

}  // namespace
}  // namespace inlier::test
