// Method look as the engine uses it: plain drawn things that differ in their colours.
#include <algorithm>

#include <gtest/gtest.h>

#include "inlier/engine.h"
#include "inlier/plan.h"
#include "tests/engine/patch.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier {
namespace {

constexpr unsigned kItems = test::kPatches;

using test::Patch;

class LookEngine : public testing::Test {
 protected:
  void SetUp() override {
    for (unsigned i = 0; i < kItems; ++i) {
      const std::string name = "item" + std::to_string(i);
      test::WriteImage(folder / (name + ".png"), Patch(i, 0));
      catalogue.entries.push_back(
          {name, {folder / (name + ".png")}, {{"parity", i % 2 ? "odd" : "even"}}});
    }
  }
  std::unique_ptr<Engine> Open(OpenMode mode) {
    EngineOptions options;
    options.extract.method = "look";
    auto engine =
        Engine::Open(folder / "db", mode,
                     {.options = mode == OpenMode::kRead ? std::nullopt : std::optional(options)});
    EXPECT_TRUE(engine) << engine.error().message;
    return engine ? std::move(*engine) : nullptr;
  }
  static std::string First(const Engine& engine, const Image& photo, QueryOptions query = {}) {
    query.top = 100;
    query.all = true;
    const auto answer = engine.Query(photo, query);
    EXPECT_TRUE(answer) << answer.error().message;
    if (!answer || answer->hits.empty()) return "";
    return std::ranges::max_element(answer->hits, {}, &Hit::score)->id;
  }
  test::TempFolder folder;
  Catalogue catalogue;
};

TEST_F(LookEngine, FindsWhatHasTheSameColours) {
  const auto engine = Open(OpenMode::kCreate);
  ASSERT_NE(engine, nullptr);
  const auto report = engine->IndexCatalogue(catalogue, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->added, kItems);
  EXPECT_EQ(engine->Stats()->embeddings, kItems);
  for (unsigned i = 0; i < kItems; ++i)
    EXPECT_EQ(First(*engine, Patch(i, 7)), "item" + std::to_string(i));
  const auto answer = engine->Query(Patch(2, 7), {.top = 100, .all = true});
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->hits.size(), kItems);
  for (const Hit& hit : answer->hits) {
    EXPECT_EQ(hit.inliers, 0);
    ASSERT_TRUE(hit.polygon);
    EXPECT_EQ(hit.polygon->at(2).x_px, 119);
    EXPECT_EQ(hit.accepted, hit.probability >= 0.85);
  }
}

TEST_F(LookEngine, FiltersAddsRemovesAndOpensAgain) {
  {
    const auto engine = Open(OpenMode::kCreate);
    ASSERT_NE(engine, nullptr);
    ASSERT_TRUE(engine->IndexCatalogue(catalogue, {}));
    EXPECT_NE(First(*engine, Patch(3, 7), {.where = {{"parity", "even"}}}), "item3");
    EXPECT_NE(First(*engine, Patch(3, 7), {.without = {"item3"}}), "item3");
    ASSERT_TRUE(engine->Remove("item3"));
    EXPECT_NE(First(*engine, Patch(3, 7)), "item3");
    ASSERT_TRUE(engine->Add("again", std::vector<Picture>{Patch(3, 2)}, {}));
    EXPECT_EQ(First(*engine, Patch(3, 7)), "again");
  }
  const auto engine = Open(OpenMode::kRead);
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(engine->options().extract.method, "look");
  EXPECT_EQ(First(*engine, Patch(3, 7)), "again");
  EngineOptions other;
  other.extract.method = "sift";
  const auto refused = Engine::Open(folder / "db", OpenMode::kRead, {.options = other});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIncompatible);
}

TEST_F(LookEngine, PlansWithoutACatalogue) {
  const auto plan = MakePlan(1000, {.method = "look"}, 1, std::nullopt);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->features_per_item, 1);
  EXPECT_EQ(plan->cells, 0u);
}

}  // namespace
}  // namespace inlier
