// Method hybrid as the engine uses it, with a network of a few filters: drawn prints, which local
// features find again, and patches of plain colour, which only look alike.
#include <algorithm>

#include "inlier/engine.h"
#include "inlier/plan.h"
#include "tests/deep/tiny_model.h"
#include "tests/engine/patch.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

constexpr unsigned kPrints = 10;
constexpr int kWidth = 240, kHeight = 180;

class HybridEngine : public test::TinyModelTest {
 protected:
  void SetUp() override {
    TinyModelTest::SetUp();
    if (IsSkipped()) return;
    for (unsigned i = 0; i < kPrints; ++i)
      AddEntry("print" + std::to_string(i), test::DrawTexture(100 + i, kWidth, kHeight));
    for (unsigned i = 0; i < test::kPatches; ++i)
      AddEntry("patch" + std::to_string(i), test::Patch(i, 0));
  }
  void AddEntry(const std::string& name, const Image& image) {
    const auto path = folder / (name + ".png");
    test::WriteImage(path, image);
    catalogue.entries.push_back(
        {name, {path}, {{"kind", name.starts_with("print") ? "print" : "patch"}}});
  }
  EngineOptions Options(const std::string& method = "hybrid") const {
    EngineOptions options;
    options.extract.method = method;
    options.extract.deep_model = config();
    return options;
  }
  std::unique_ptr<Engine> Open(OpenMode mode, std::optional<EngineOptions> options,
                               const std::string& name = "db") {
    auto engine = Engine::Open(folder / name, mode, {.options = std::move(options)});
    EXPECT_TRUE(engine) << engine.error().message;
    return engine ? std::move(*engine) : nullptr;
  }
  std::unique_ptr<Engine> Indexed(const EngineOptions& options, const std::string& name = "db") {
    auto engine = Open(OpenMode::kCreate, options, name);
    const auto report = engine->IndexCatalogue(
        catalogue, {.outcome = [](const CatalogueEntry&, const PictureOutcome& outcome) {
          EXPECT_NE(outcome.kind, PictureOutcome::Kind::kFailed) << outcome.error.message;
        }});
    EXPECT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->added, kPrints + test::kPatches);
    return engine;
  }
  static Answer Ask(const Engine& engine, const Image& photo, const QueryOptions& query = {}) {
    auto answer = engine.Query(photo, query);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? std::move(*answer) : Answer();
  }
  static Image PhotoOfPrint(unsigned i) {
    const Homography map =
        test::FromCorners(kWidth, kHeight, {Point{150, 90}, {480, 110}, {460, 370}, {130, 320}});
    return test::AddNoise(
        test::Warp(test::DrawTexture(100 + i, kWidth, kHeight), map, 640, 480, 55), 4, i);
  }
  Catalogue catalogue;
};

TEST_F(HybridEngine, AcceptsWhatSiftAcceptsAndAsIt) {
  const auto hybrid = Indexed(Options());
  const auto sift = Indexed(Options("sift"), "sift");
  for (unsigned i = 0; i < kPrints; ++i) {
    const Answer joined = Ask(*hybrid, PhotoOfPrint(i)), local = Ask(*sift, PhotoOfPrint(i));
    ASSERT_EQ(joined.hits.size(), 1u);
    ASSERT_EQ(local.hits.size(), 1u);
    const Hit &a = joined.hits.front(), &b = local.hits.front();
    EXPECT_TRUE(a.accepted);
    EXPECT_EQ(a.kind, HitKind::kSame);
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.score, b.score);
    EXPECT_EQ(a.probability, b.probability);
    EXPECT_EQ(a.inliers, b.inliers);
    EXPECT_EQ(a.evidence.agreement, b.evidence.agreement);
  }
}

TEST_F(HybridEngine, NamesWhatLooksAlikeAndNeverAcceptsIt) {
  EngineOptions options = Options();
  options.decide.similar_probability = 0;
  const auto engine = Indexed(options);
  unsigned similar = 0;
  for (unsigned i = 0; i < test::kPatches; ++i) {
    const Answer answer = Ask(*engine, test::Patch(i, 7));
    ASSERT_FALSE(answer.hits.empty());
    EXPECT_EQ(answer.hits.front().id, "patch" + std::to_string(i));
    EXPECT_TRUE(std::ranges::is_sorted(answer.hits, std::ranges::greater(), &Hit::score));
    // The corners of a patch may be enough for local features.
    for (const Hit& hit : answer.hits) EXPECT_EQ(hit.accepted, hit.kind == HitKind::kSame);
    if (answer.hits.front().accepted) continue;
    ++similar;
    ASSERT_GT(answer.hits.size(), 1u);
    EXPECT_GT(answer.hits.front().evidence.look_log_odds,
              answer.hits.back().evidence.look_log_odds);
  }
  EXPECT_GE(similar, 7u);
  // What is the same is all that is named, unless everything is wanted.
  const Answer found = Ask(*engine, PhotoOfPrint(3));
  EXPECT_EQ(found.hits.size(), 1u);
  const Answer all = Ask(*engine, PhotoOfPrint(3), {.top = 100, .all = true});
  EXPECT_EQ(all.hits.size(), kPrints + test::kPatches);
  EXPECT_EQ(all.hits.front().id, "print3");
  EXPECT_TRUE(all.hits.front().accepted);
}

TEST_F(HybridEngine, NamesNothingThatIsNotLikelyEnough) {
  EngineOptions options = Options();
  options.decide.similar_probability = 1;
  const auto engine = Indexed(options);
  EXPECT_TRUE(Ask(*engine, test::Patch(2, 7)).hits.empty());
  EXPECT_FALSE(Ask(*engine, test::Patch(2, 7), {.all = true}).hits.empty());
}

TEST_F(HybridEngine, FiltersAddsRemovesAndOpensAgain) {
  const QueryOptions all{.top = 100, .all = true};
  {
    const auto engine = Indexed(Options());
    EXPECT_EQ(engine->Stats()->embeddings, 2 * (kPrints + test::kPatches));
    QueryOptions prints = all;
    prints.where = {{"kind", "print"}};
    for (const Hit& hit : Ask(*engine, test::Patch(3, 7), prints).hits)
      EXPECT_TRUE(hit.id.starts_with("print")) << hit.id;
    QueryOptions without = all;
    without.without = {"patch3"};
    EXPECT_NE(Ask(*engine, test::Patch(3, 7), without).hits.front().id, "patch3");
    ASSERT_TRUE(engine->Remove("patch3"));
    EXPECT_NE(Ask(*engine, test::Patch(3, 7), all).hits.front().id, "patch3");
    ASSERT_TRUE(engine->Add("again", std::vector<Picture>{test::Patch(3, 2)}, {}));
    EXPECT_EQ(Ask(*engine, test::Patch(3, 7), all).hits.front().id, "again");
  }
  const auto engine = Open(OpenMode::kRead, std::nullopt);
  EXPECT_EQ(engine->options().extract.method, "hybrid");
  EXPECT_EQ(Ask(*engine, test::Patch(3, 7), all).hits.front().id, "again");
  EXPECT_TRUE(Ask(*engine, PhotoOfPrint(5)).hits.front().accepted);
  const auto check = engine->Check();
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_TRUE(check->problems.empty()) << check->problems.front();
  const auto refused = Engine::Open(folder / "db", OpenMode::kRead, {.options = Options("sift")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIncompatible);
}

TEST_F(HybridEngine, APictureWithoutLocalFeaturesCanBeFound) {
  Image plain{120, 160, 3, std::vector<std::uint8_t>(120 * 160 * 3, 250)};
  for (std::size_t i = 0; i < plain.pixels.size(); i += 3) plain.pixels[i] = 40;
  AddEntry("plain", plain);
  EngineOptions options = Options();
  options.decide.similar_probability = 0;
  auto engine = Open(OpenMode::kCreate, options);
  const auto report = engine->IndexCatalogue(catalogue, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->without_features, 0u);
  EXPECT_EQ(engine->Stats()->items_without_features, 0u);
  const Answer answer = Ask(*engine, plain);
  EXPECT_EQ(answer.features, 0);
  ASSERT_FALSE(answer.hits.empty());
  EXPECT_EQ(answer.hits.front().id, "plain");
  EXPECT_EQ(answer.hits.front().kind, HitKind::kSimilar);
}

TEST_F(HybridEngine, RefusesAnotherNetwork) {
  Indexed(Options());
  EngineOptions other = Options();
  other.extract.deep_model = Changed("\"average\"", "\"gem\"");
  const auto refused = Engine::Open(folder / "db", OpenMode::kRead, {.options = other});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIncompatible);
  other.extract.deep_model = folder / "nowhere.json";
  EXPECT_FALSE(Engine::Open(folder / "new", OpenMode::kCreate, {.options = other}));
}

TEST_F(HybridEngine, APhotoReducedWhileItWasDecodedHasItsPlacesInFull) {
  const auto engine = Indexed(Options());
  const Image photo = PhotoOfPrint(4);
  const Answer small = Ask(*engine, photo);
  test::WriteImage(folder / "large.png", ResizeLongSide(photo, 2560));
  const auto large = engine->Query(folder / "large.png");
  ASSERT_TRUE(large) << large.error().message;
  ASSERT_EQ(large->hits.size(), 1u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(large->hits.front().polygon->at(i).x_px, 4 * small.hits.front().polygon->at(i).x_px,
                10);
  }
}

TEST_F(HybridEngine, PlansWithASampleAndCountsItsEmbeddings) {
  const auto hybrid = MakePlan(1000, Options().extract, 1, catalogue);
  const auto sift = MakePlan(1000, Options("sift").extract, 1, catalogue);
  ASSERT_TRUE(hybrid) << hybrid.error().message;
  ASSERT_TRUE(sift) << sift.error().message;
  EXPECT_EQ(hybrid->cells, sift->cells);
  EXPECT_GE(hybrid->memory_bytes, sift->memory_bytes + std::uint64_t{1000} * 968);
  EXPECT_GE(hybrid->disk_bytes, sift->disk_bytes + std::uint64_t{1000} * 968);
}

}  // namespace
}  // namespace inlier
