#include "bench/kept_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files.h"

namespace inlier::test {
namespace {

TEST(KeptAnswers, ComeBackAsTheyWereWritten) {
  const TempFolder folder;
  MethodAnswers kept;
  kept.costs.build = BuildCost{.items = 3, .failed = 1};
  kept.costs.open = OpenCost{.cpu_ms = 4, .wall_ms = 5.5};
  kept.costs.query_peak_memory_bytes = 77;
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
  ASSERT_TRUE(read->costs.build);
  EXPECT_EQ(read->costs.build->items, 3u);
  EXPECT_EQ(read->costs.build->failed, 1u);
  EXPECT_FALSE(read->costs.build->measured);
  ASSERT_TRUE(read->costs.open);
  EXPECT_EQ(read->costs.open->wall_ms, 5.5);
  EXPECT_EQ(read->costs.query_peak_memory_bytes, 77u);
  EXPECT_FALSE(read->costs.index);
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

TEST(KeptAnswers, OfAnotherRunOrCutOffReadAsNothing) {
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

TEST(KeptCosts, ComeBackAsTheyWereWritten) {
  const TempFolder folder;
  const auto build = folder / "build.json", learning = folder / "learning.json";
  EXPECT_FALSE(ReadBuildCost(build));
  ASSERT_TRUE(WriteBuildCost(
      build, {.items = 9, .measured = BuildCost::Measured{.cpu_ms_per_item = 1.5, .seconds = 2}}));
  const auto cost = ReadBuildCost(build);
  ASSERT_TRUE(cost && cost->measured);
  EXPECT_EQ(cost->items, 9u);
  EXPECT_EQ(cost->measured->cpu_ms_per_item, 1.5);
  ASSERT_TRUE(WriteLearningCost(learning, {.cpu_s = 7.25, .items = 9, .dims = 64}));
  const auto learnt = ReadLearningCost(learning);
  ASSERT_TRUE(learnt);
  EXPECT_EQ(learnt->cpu_s, 7.25);
  EXPECT_EQ(learnt->dims, 64u);
  EXPECT_FALSE(ReadLearningCost(build));
}

TEST(KeptCorruptionFigures, ComeBackAsTheyWereWritten) {
  const TempFolder folder;
  const auto path = folder / "stress.json";
  CorruptionFigures kept{.unit = "px",
                         .meaning = "blur",
                         .severities = {0, 4},
                         .scenes_per_severity = 3,
                         .pictures = {"a.jpg", ""}};
  kept.methods.emplace_back("sift", SeverityCurve{.first_hit = {{1, {0.5, 1}}, {0.25, {0, 0.5}}},
                                                  .found = {{1, {1, 1}}, {0, {0, 0}}},
                                                  .iou = {0.75, std::nullopt},
                                                  .wrong = {0, 1}});
  ASSERT_TRUE(WriteCorruptionFigures(path, "print", kept));
  EXPECT_FALSE(ReadCorruptionFigures(path, "other"));
  const auto read = ReadCorruptionFigures(path, "print");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->severities, kept.severities);
  EXPECT_EQ(read->pictures, kept.pictures);
  EXPECT_EQ(read->scenes_per_severity, 3u);
  ASSERT_EQ(read->methods.size(), 1u);
  const SeverityCurve& curve = read->methods[0].second;
  EXPECT_EQ(curve.first_hit[1].mean, 0.25);
  EXPECT_EQ(curve.first_hit[1].interval.high, 0.5);
  EXPECT_EQ(curve.iou[0], 0.75);
  EXPECT_EQ(curve.iou[1], std::nullopt);
  EXPECT_EQ(curve.wrong[1], 1);
}

}  // namespace
}  // namespace inlier::test
