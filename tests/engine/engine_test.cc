#include "inlier/engine.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/engine/drawn_items.h"

namespace inlier {
namespace {

TEST_F(EngineTest, FindsEachItemAndItsPlace) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  const Homography map =
      test::FromCorners(kWidth, kHeight, {Point{180, 110}, {600, 140}, {570, 460}, {160, 400}});
  for (unsigned i = 0; i < kItems; i += 3) {
    const auto answer = engine->Query(test::AddNoise(test::Warp(Item(i), map, 800, 600, 55), 4, i));
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->hits.size(), 1u) << "item " << i;
    EXPECT_EQ(answer->hits[0].id, std::to_string(i));
    EXPECT_TRUE(answer->hits[0].accepted);
    EXPECT_GT(answer->hits[0].probability, 0.9);
    ExpectPlace(answer->hits[0], map);
  }
}

TEST_F(EngineTest, LookingAtEveryItemFindsWhatTheIndexFinds) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  const Homography map =
      test::FromCorners(kWidth, kHeight, {Point{180, 110}, {600, 140}, {570, 460}, {160, 400}});
  for (unsigned i = 0; i < kItems; i += 4) {
    const Image photo = test::AddNoise(test::Warp(Item(i), map, 800, 600, 55), 4, i);
    const auto answer = engine->Query(photo, {.all = true, .exact = true});
    ASSERT_TRUE(answer);
    ASSERT_FALSE(answer->hits.empty());
    EXPECT_EQ(answer->hits[0].id, std::to_string(i));
    EXPECT_TRUE(answer->hits[0].accepted);
    EXPECT_EQ(answer->hits[0].evidence.votes, 1);  // also first by votes
    ExpectPlace(answer->hits[0], map);
    // Items that are left out or filtered away are not compared.
    const auto without =
        engine->Query(photo, {.all = true, .exact = true, .without = {std::to_string(i)}});
    ASSERT_TRUE(without);
    EXPECT_EQ(without->hits.size(), std::min<std::size_t>(kItems - 1, 10));
    EXPECT_TRUE(std::none_of(without->hits.begin(), without->hits.end(),
                             [](const Hit& hit) { return hit.accepted; }));
    const auto other = engine->Query(
        photo, {.all = true, .exact = true, .where = {{"parity", i % 2 ? "even" : "odd"}}});
    ASSERT_TRUE(other);
    for (const Hit& hit : other->hits) EXPECT_NE(std::stoi(hit.id) % 2, static_cast<int>(i % 2));
  }
}

TEST(EngineExact, OneItemAloneAndAPhotoWithoutFeatures) {
  const test::TempFolder folder;
  const auto engine = Open(folder / "db");
  test::WriteImage(folder / "0.png", Item(0));
  ASSERT_TRUE(engine->Add("0", folder / "0.png"));
  const Homography map = test::Similarity(kWidth, kHeight, 1.2, 0.2, {400, 300});
  const auto answer = engine->Query(test::Warp(Item(0), map, 800, 600, 55), {.exact = true});
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->hits.size(), 1u);
  EXPECT_EQ(answer->hits[0].id, "0");
  const Image grey{.width_px = 300,
                   .height_px = 200,
                   .channels = 1,
                   .pixels = std::vector<std::uint8_t>(300 * 200, 128)};
  const auto nothing = engine->Query(grey, {.exact = true});
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->hits.empty());
}

TEST_F(EngineTest, SeveralItemsInOnePhotoEachHaveTheirPlace) {
  const std::array<Homography, 3> maps{
      test::Similarity(kWidth, kHeight, 0.9, 0.3, {200, 180}),
      test::Similarity(kWidth, kHeight, 1.0, -0.4, {600, 200}),
      test::FromCorners(kWidth, kHeight, {Point{250, 350}, {560, 360}, {540, 580}, {240, 560}})};
  Image photo = test::Warp(Item(2), maps[0], 800, 600, 77);
  photo = test::WarpOnto(test::WarpOnto(photo, Item(5), maps[1]), Item(9), maps[2]);
  const auto answer = Open(*folder_ / "db", OpenMode::kRead)->Query(photo);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->hits.size(), 3u);
  for (const Hit& hit : answer->hits) {
    const std::size_t which = hit.id == "2" ? 0 : hit.id == "5" ? 1 : 2;
    EXPECT_TRUE(hit.id == "2" || hit.id == "5" || hit.id == "9") << hit.id;
    ExpectPlace(hit, maps[which]);
  }
}

TEST_F(EngineTest, TheEarlyStopLeavesOutNoItemOfThePhoto) {
  Image photo =
      test::Warp(Item(1), test::Similarity(kWidth, kHeight, 1.0, 0.1, {200, 160}), 800, 600, 78);
  photo = test::WarpOnto(photo, Item(6), test::Similarity(kWidth, kHeight, 0.7, -0.2, {620, 160}));
  photo = test::WarpOnto(photo, Item(11), test::Similarity(kWidth, kHeight, 0.6, 0.4, {600, 450}));
  // When as many items may be matched as there are, all of them are.
  for (const int rematched : {3, 4, 8, kItems}) {
    EngineOptions options;
    options.decide.rematched = rematched;
    const auto engine = Engine::Open(*folder_ / "db", OpenMode::kRead, {.options = options});
    ASSERT_TRUE(engine);
    const auto answer = (*engine)->Query(photo, {.top = kItems, .all = true, .shortlisted = true});
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->hits.size(), static_cast<std::size_t>(kItems)) << rematched;
    std::vector<std::string> accepted;
    for (const Hit& hit : answer->hits) {
      if (hit.accepted) accepted.push_back(hit.id);
    }
    std::sort(accepted.begin(), accepted.end());
    EXPECT_EQ(accepted, (std::vector<std::string>{"1", "11", "6"})) << rematched;
  }
}

// What was only voted for says nothing, so --all does not fill its list with it.
TEST_F(EngineTest, AllListsWhatWasExamined) {
  EngineOptions options;
  options.decide.rematched = 3;
  const auto engine = Engine::Open(*folder_ / "db", OpenMode::kRead, {.options = options});
  ASSERT_TRUE(engine);
  for (const int texture : {1, 999}) {  // an item, and a stranger
    const Image photo =
        test::Warp(texture == 999 ? test::DrawTexture(999, kWidth, kHeight) : Item(texture),
                   test::Similarity(kWidth, kHeight, 1, 0, {400, 300}), 800, 600, 5);
    const auto examined = (*engine)->Query(photo, {.top = kItems, .all = true});
    const auto everything =
        (*engine)->Query(photo, {.top = kItems, .all = true, .shortlisted = true});
    ASSERT_TRUE(examined && everything);
    EXPECT_GE(examined->hits.size(), 1u);
    EXPECT_LE(examined->hits.size(), 3u);
    EXPECT_EQ(everything->hits.size(), static_cast<std::size_t>(kItems));
    for (const Hit& hit : examined->hits) {
      const auto same = std::ranges::find(everything->hits, hit.id, &Hit::id);
      ASSERT_NE(same, everything->hits.end());
      EXPECT_EQ(same->score, hit.score);
      EXPECT_GT(hit.evidence.matches, 0);
    }
    EXPECT_EQ(std::ranges::count_if(everything->hits,
                                    [](const Hit& hit) { return hit.evidence.matches > 0; }),
              static_cast<std::ptrdiff_t>(examined->hits.size()));
  }
}

TEST_F(EngineTest, AStrangerIsNotInTheCatalogue) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  const Image photo = test::DrawTexture(999, 800, 600);
  EXPECT_TRUE(engine->Query(photo)->hits.empty());
  const auto all = engine->Query(photo, {.all = true});
  for (const Hit& hit : all->hits) {
    EXPECT_FALSE(hit.accepted);
    EXPECT_LT(hit.probability, 0.5);
  }
}

TEST_F(EngineTest, ImagesWithoutFeaturesAreAnswered) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  for (const int side : {1, 5, 300}) {
    Image plain{side, side, 3,
                std::vector<std::uint8_t>(static_cast<std::size_t>(side * side * 3), 255)};
    const auto answer = engine->Query(plain);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->features, 0);
    EXPECT_TRUE(answer->hits.empty());
  }
}

TEST_F(EngineTest, WhereAndWithoutHoldItemsBack) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  const Image photo =
      test::Warp(Item(4), test::Similarity(kWidth, kHeight, 1, 0, {400, 300}), 800, 600, 55);
  EXPECT_EQ(engine->Query(photo, {.where = {{"parity", "even"}}})->hits.size(), 1u);
  EXPECT_TRUE(engine->Query(photo, {.where = {{"parity", "odd"}}})->hits.empty());
  EXPECT_TRUE(
      engine->Query(photo, {.where = {{"parity", "even"}, {"parity", "odd"}}})->hits.empty());
  EXPECT_EQ(engine->Query(photo, {.where = {{"parity", "odd|ev*"}}})->hits.size(), 1u);
  EXPECT_TRUE(engine->Query(photo, {.without = {"4"}})->hits.empty());
  const auto all = engine->Query(photo, {.all = true, .where = {{"parity", "odd"}}});
  for (const Hit& hit : all->hits) EXPECT_EQ(std::stoi(hit.id) % 2, 1);
}

TEST_F(EngineTest, WhereSaysHowManyItemsPass) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  const Image photo = Item(4);
  EXPECT_FALSE(engine->Query(photo)->where_matched);
  EXPECT_FALSE(engine->Query(photo, {.without = {"4"}})->where_matched);
  for (int again = 0; again < 2; ++again) {  // the second time from what was kept
    EXPECT_EQ(engine->Query(photo, {.where = {{"parity", "even"}}})->where_matched, kItems / 2);
    EXPECT_EQ(engine->Query(photo, {.where = {{"parity", "evne"}}})->where_matched, 0);
  }
  EXPECT_EQ(engine->CountWhere({}), static_cast<std::uint64_t>(kItems));
  EXPECT_EQ(engine->CountWhere({{"parity", "*"}}), static_cast<std::uint64_t>(kItems));
}

TEST_F(EngineTest, AFieldThatNoItemHasIsAnError) {
  const auto engine = Open(*folder_ / "db", OpenMode::kRead);
  for (const auto& [column, message] : std::vector<std::pair<std::string, std::string>>{
           {"partiy", "no item has a field 'partiy'; there is 'parity'"},
           {"colour", "no item has a field 'colour'; there is 'parity'"}}) {
    const auto answer = engine->Query(Item(4), {.where = {{"parity", "odd"}, {column, "red"}}});
    ASSERT_FALSE(answer) << column;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(answer.error().message, message);
  }
  const test::TempFolder folder;
  EXPECT_EQ(Open(folder / "db")->CountWhere({{"parity", "odd"}}).error().message,
            "no item has a field 'parity'; no item has a field at all");
}

TEST_F(EngineTest, AnyNumberOfThreadsGivesTheSameAnswers) {
  const auto built = [&](int threads) {
    const auto path = *folder_ / ("db-" + std::to_string(threads));
    auto engine = Open(path, OpenMode::kCreate, threads);
    EXPECT_TRUE(engine->IndexCatalogue(catalogue_, {.threads = threads}));
    return engine;
  };
  const auto one = built(1), three = built(3);
  const Image photo =
      test::Warp(Item(7), test::Similarity(kWidth, kHeight, 0.7, 1, {400, 300}), 800, 600, 56);
  const auto a = one->Query(photo, {.all = true}), b = three->Query(photo, {.all = true});
  ASSERT_EQ(a->hits.size(), b->hits.size());
  for (std::size_t i = 0; i < a->hits.size(); ++i) {
    EXPECT_EQ(a->hits[i].id, b->hits[i].id);
    EXPECT_EQ(a->hits[i].score, b->hits[i].score);
    ASSERT_EQ(a->hits[i].polygon.has_value(), b->hits[i].polygon.has_value());
    for (std::size_t c = 0; a->hits[i].polygon && c < 4; ++c) {
      EXPECT_EQ((*a->hits[i].polygon)[c].x_px, (*b->hits[i].polygon)[c].x_px);
    }
  }
}

TEST_F(EngineTest, DoesNotPruneWhatItCouldNotRead) {
  const test::TempFolder folder;
  const auto engine = Open(folder / "db");
  ASSERT_TRUE(engine->IndexCatalogue(catalogue_, {}));
  Catalogue broken = catalogue_;
  broken.entries.pop_back();
  broken.rejected.push_back({"catalogue.csv, line 13", "no image"});
  EXPECT_EQ(engine->IndexCatalogue(broken, {.prune = true}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine->Stats()->items, static_cast<std::uint64_t>(kItems));
}

TEST_F(EngineTest, WhereSeesMetadataThatChanged) {
  const test::TempFolder folder;
  const auto engine = Open(folder / "db");
  ASSERT_TRUE(engine->IndexCatalogue(catalogue_, {}));
  const Image photo =
      test::Warp(Item(4), test::Similarity(kWidth, kHeight, 1, 0, {400, 300}), 800, 600, 55);
  EXPECT_FALSE(engine->Query(photo, {.where = {{"colour", "red"}}}));
  Catalogue changed = catalogue_;
  changed.entries[4].metadata = {{"colour", "red"}};
  EXPECT_EQ(engine->IndexCatalogue(changed, {})->updated, 1u);
  EXPECT_EQ(engine->Query(photo, {.where = {{"colour", "red"}}})->hits.size(), 1u);
}

TEST_F(EngineTest, CancelStopsAfterTheBatchAndKeepsWhatWasStored) {
  const test::TempFolder folder;
  const auto engine = Open(folder / "db");
  std::atomic<bool> cancel{true};
  const auto report = engine->IndexCatalogue(catalogue_, {.cancel = &cancel});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(engine->IndexCatalogue(catalogue_, {}));
}

TEST_F(EngineTest, RefusesADatabaseOfOtherFeatures) {
  EngineOptions orb;
  orb.extract.method = "orb";
  const auto other = Engine::Open(*folder_ / "db", OpenMode::kRead, {.options = orb});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kIncompatible);
  EXPECT_NE(other.error().message.find("sift"), std::string::npos);
}

TEST_F(EngineTest, OrbFindsThemToo) {
  EngineOptions orb;
  orb.extract.method = "orb";
  auto engine = Engine::Open(*folder_ / "db-orb", OpenMode::kCreate, {.options = orb});
  ASSERT_TRUE(engine);
  ASSERT_TRUE((*engine)->IndexCatalogue(catalogue_, {}));
  const auto map = test::Similarity(kWidth, kHeight, 1.1, 0.4, {400, 300});
  const auto answer = (*engine)->Query(test::Warp(Item(6), map, 800, 600, 55), {.all = true});
  ASSERT_FALSE(answer->hits.empty());
  EXPECT_EQ(answer->hits[0].id, "6");
  ExpectPlace(answer->hits[0], map);
}

}  // namespace
}  // namespace inlier
