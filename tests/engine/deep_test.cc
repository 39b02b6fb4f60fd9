// Method deep as the engine uses it, with a network of a few filters.
#include <algorithm>

#include "engine/learn.h"
#include "engine/score.h"
#include "inlier/engine.h"
#include "inlier/plan.h"
#include "tests/deep/tiny_model.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

constexpr unsigned kItems = 12;

class DeepEngine : public test::TinyModelTest {
 protected:
  void SetUp() override {
    TinyModelTest::SetUp();
    if (IsSkipped()) return;
    for (unsigned i = 0; i < kItems; ++i) {
      const std::string name = "item" + std::to_string(i);
      test::WriteImage(folder / (name + ".png"), test::DrawTexture(i + 1, 160, 120));
      catalogue.entries.push_back(
          {name, {folder / (name + ".png")}, {{"parity", i % 2 ? "odd" : "even"}}});
    }
  }
  EngineOptions Options(const std::string& projection = "") const {
    EngineOptions options;
    options.extract = {.method = "deep", .deep_model = config(), .deep_projection = projection};
    return options;
  }
  std::unique_ptr<Engine> Open(OpenMode mode, std::optional<EngineOptions> options,
                               const std::string& name = "db") {
    auto engine = Engine::Open(folder / name, mode, {.options = std::move(options)});
    EXPECT_TRUE(engine) << engine.error().message;
    return engine ? std::move(*engine) : nullptr;
  }
  static Image Photo(unsigned i) {
    return test::AddNoise(test::DrawTexture(i + 1, 160, 120), 4, i);
  }
  Catalogue catalogue;
};

TEST_F(DeepEngine, FindsItemsAndSaysWhere) {
  const auto engine = Open(OpenMode::kCreate, Options());
  ASSERT_NE(engine, nullptr);
  const auto report = engine->IndexCatalogue(catalogue, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->added, kItems);
  EXPECT_EQ(engine->Stats()->features, kItems);  // an item is its whole image
  for (unsigned i = 0; i < kItems; ++i) {
    const auto answer = engine->Query(Photo(i), {.all = true});
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_GE(answer->hits.size(), 2u);
    const auto best =
        std::max_element(answer->hits.begin(), answer->hits.end(),
                         [](const Hit& a, const Hit& b) { return a.score < b.score; });
    EXPECT_EQ(best->id, "item" + std::to_string(i));
    EXPECT_GT(best->evidence.similarity, 0.95);
    EXPECT_GT(best->evidence.margin, 0);
    EXPECT_EQ(best->inliers, 0);
    ASSERT_TRUE(best->polygon);
    for (const Point& corner : *best->polygon) {
      EXPECT_GE(corner.x_px, 0);
      EXPECT_LE(corner.x_px, 159);
      EXPECT_GE(corner.y_px, 0);
      EXPECT_LE(corner.y_px, 119);
    }
    for (const Hit& hit : answer->hits) {
      EXPECT_NEAR(hit.score, -5 + 5 * hit.evidence.similarity + 200 * hit.evidence.margin,
                  1e-6);  // the calibration of tiny.json
      EXPECT_NEAR(hit.probability, Probability(hit.score), 1e-12);
    }
  }
}

TEST_F(DeepEngine, AcceptsByProbability) {
  EngineOptions options = Options();
  options.decide.accept_probability = 0;
  const auto engine = Open(OpenMode::kCreate, options);
  ASSERT_TRUE(engine->IndexCatalogue(catalogue, {}));
  const auto lenient = engine->Query(Photo(3));
  ASSERT_TRUE(lenient && !lenient->hits.empty());
  EXPECT_EQ(lenient->hits.front().id, "item3");
  EXPECT_TRUE(lenient->hits.front().accepted);
  options.decide.accept_probability = 1;
  const auto strict = Open(OpenMode::kRead, options)->Query(Photo(3));
  ASSERT_TRUE(strict);
  EXPECT_TRUE(strict->hits.empty());
}

TEST_F(DeepEngine, KeepsToWhereAndWithout) {
  const auto engine = Open(OpenMode::kCreate, Options());
  ASSERT_TRUE(engine->IndexCatalogue(catalogue, {}));
  const auto even =
      engine->Query(Photo(3), {.top = 100, .all = true, .where = {{"parity", "even"}}});
  ASSERT_TRUE(even);
  EXPECT_EQ(even->hits.size(), kItems / 2);
  for (const Hit& hit : even->hits) EXPECT_EQ(hit.metadata.front().second, "even");
  const auto without = engine->Query(Photo(3), {.top = 100, .all = true, .without = {"item3"}});
  ASSERT_TRUE(without);
  EXPECT_EQ(without->hits.size(), kItems - 1);
  ASSERT_TRUE(engine->Remove("item3"));
  EXPECT_EQ(engine->Query(Photo(3), {.top = 100, .all = true})->hits.size(), kItems - 1);
}

TEST_F(DeepEngine, ADatabaseKeepsToItsModel) {
  { ASSERT_TRUE(Open(OpenMode::kCreate, Options())->IndexCatalogue(catalogue, {})); }
  {  // the database finds its projection by itself
    const auto engine = Open(OpenMode::kRead, std::nullopt);
    ASSERT_NE(engine, nullptr);
    EXPECT_EQ(engine->options().extract.method, "deep");
    EXPECT_EQ(engine->Query(Photo(5), {.top = 1, .all = true})->hits.size(), 1u);
  }
  Changed("\"most_overlap\": 0.5", "\"most_overlap\": 0.4");
  EngineOptions other = Options();
  other.extract.deep_model = folder / "changed.json";
  const auto refused = Engine::Open(folder / "db", OpenMode::kRead, {.options = other});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIncompatible);
  std::filesystem::rename(folder / "changed.json", folder / "tiny.json");
  const auto changed = Engine::Open(folder / "db", OpenMode::kRead);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kIncompatible);
  EXPECT_NE(changed.error().message.find("has changed since"), std::string::npos)
      << changed.error().message;
}

TEST_F(DeepEngine, LearnsAProjectionTheSameForAnyThreads) {
  LearnOptions options{.model = config(), .views = 3, .projection = {.dims = 8}, .threads = 1};
  std::size_t told = 0;
  options.progress = [&told](const Progress& progress) { told = std::max(told, progress.done); };
  const auto report = LearnProjection(catalogue, options, folder / "one.proj");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->items, kItems);
  EXPECT_EQ(report->dims, 8u);
  EXPECT_EQ(told, kItems);
  EXPECT_GE(report->first_hit, 0);
  options.threads = 3;
  ASSERT_TRUE(LearnProjection(catalogue, options, folder / "three.proj"));
  const auto bytes = [&](const char* name) { return *ReadFileBytes(folder / name, 1 << 20); };
  EXPECT_EQ(bytes("one.proj"), bytes("three.proj"));
  options.seed = 2;
  ASSERT_TRUE(LearnProjection(catalogue, options, folder / "other.proj"));
  EXPECT_NE(bytes("one.proj"), bytes("other.proj"));

  {
    const auto engine = Open(OpenMode::kCreate, Options(folder / "one.proj"), "projected");
    ASSERT_TRUE(engine->IndexCatalogue(catalogue, {}));
    const auto answer = engine->Query(Photo(4), {.top = 1, .all = true});
    ASSERT_TRUE(answer && !answer->hits.empty());
    EXPECT_EQ(answer->hits.front().id, "item4");
  }
  const auto plain = Engine::Open(folder / "projected", OpenMode::kRead, {.options = Options()});
  EXPECT_TRUE(!plain && plain.error().code == ErrorCode::kIncompatible);
  const auto other = Engine::Open(folder / "projected", OpenMode::kRead,
                                  {.options = Options(folder / "other.proj")});
  EXPECT_TRUE(!other && other.error().code == ErrorCode::kIncompatible);
  EXPECT_TRUE(Engine::Open(folder / "projected", OpenMode::kRead));
}

TEST_F(DeepEngine, LearningGoesOnPastBadImages) {
  test::WriteBytes(folder / "item2.png", "no image");
  LearnOptions options{.model = config(), .views = 2, .projection = {.dims = 4}};
  std::string failed;
  options.failed = [&failed](const CatalogueEntry& entry, const Error&) { failed += entry.id; };
  const auto report = LearnProjection(catalogue, options, folder / "p");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->failed, 1u);
  EXPECT_EQ(failed, "item2");
  options.items = 1;
  EXPECT_EQ(LearnProjection(catalogue, options, folder / "p").error().code,
            ErrorCode::kInvalidArgument);
  options.items = 100;
  std::atomic<bool> cancel = true;
  options.cancel = &cancel;
  EXPECT_EQ(LearnProjection(catalogue, options, folder / "none").error().code,
            ErrorCode::kCancelled);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

TEST_F(DeepEngine, ComparesTwoImagesWithoutADatabase) {
  const auto same = MatchImages(Photo(1), Photo(1), Options());
  ASSERT_TRUE(same && *same);
  EXPECT_NEAR((*same)->evidence.similarity, 1, 1e-4);
  const auto other = MatchImages(Photo(1), Photo(2), Options());
  ASSERT_TRUE(other && *other);
  EXPECT_LT((*other)->evidence.similarity, (*same)->evidence.similarity);
}

TEST_F(DeepEngine, PlansFromASample) {
  const auto plan = MakePlan(1000, Options().extract, 1, catalogue);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->features_per_item, 1);
  EXPECT_EQ(plan->cells, 0u);
  EXPECT_GE(plan->memory_bytes, 1000u * 16);
}

}  // namespace
}  // namespace inlier
