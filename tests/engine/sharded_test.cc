// A catalogue that is cut into shards answers as one database does, bit for bit.
#include "inlier/sharded.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inlier/engine.h"
#include "tests/engine/shards_here.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"
#include "tests/support/tiny_onnx.h"

namespace inlier {
namespace {

using test::ShardsHere;

constexpr unsigned kItems = 48;
constexpr int kWidth = 240, kHeight = 180;

class Sharded : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    options_.extract.method = GetParam();
    if (GetParam() == "deep" || GetParam() == "hybrid") {
      if (!INLIER_HAS_DEEP) GTEST_SKIP() << "this build has no ONNX Runtime (scripts/setup-deep)";
      test::WriteTinyModel(folder_.path());
      options_.extract.deep_model = folder_ / "tiny.json";
      options_.extract.deep_projection = "";
    }
    if (GetParam() == "xfeat" && !Validate(options_))
      GTEST_SKIP() << "no XFeat here (scripts/setup-deep)";
    for (unsigned i = 0; i < kItems; ++i) {
      const auto path = folder_ / ("items/" + std::to_string(i) + ".png");
      test::WriteImage(path, test::DrawTexture(100 + i, kWidth, kHeight));
      CatalogueEntry entry{std::to_string(i), {path}, {{"parity", i % 2 ? "odd" : "even"}}};
      if (i == 5) entry.metadata.emplace_back("only", "five");
      catalogue_.entries.push_back(std::move(entry));
    }
    const auto sample = OpenDatabase("sample", {});
    ASSERT_TRUE(sample->IndexCatalogue(catalogue_, {}));
    // Methods that compare embeddings have none, and need none.
    if (const auto written = sample->WriteVocabulary(folder_ / "vocabulary"))
      vocabulary_ = folder_ / "vocabulary";
    one_ = OpenDatabase("one", vocabulary_);
    ASSERT_TRUE(one_->IndexCatalogue(catalogue_, {}));
    const Homography map =
        test::FromCorners(kWidth, kHeight, {Point{150, 90}, {480, 110}, {460, 370}, {130, 320}});
    const Homography small =
        test::FromCorners(kWidth, kHeight, {Point{40, 30}, {180, 36}, {175, 130}, {36, 125}});
    for (const unsigned i : {3u, 41u}) {
      const Image item = test::DrawTexture(100 + i, kWidth, kHeight);
      photos_.push_back(test::AddNoise(test::Warp(item, map, 640, 480, 55), 4, i));
      photos_.push_back(test::AddNoise(test::Warp(item, small, 640, 480, 30), 9, i));
    }
    photos_.push_back(test::DrawTexture(7, 640, 480));  // of nothing in the catalogue
    for (std::size_t i = 0; i < photos_.size(); ++i) {
      test::WriteImage(PhotoPath(i), photos_[i]);
    }
  }
  std::filesystem::path PhotoPath(std::size_t i) const {
    return folder_ / ("photos/" + std::to_string(i) + ".png");
  }
  std::unique_ptr<Engine> OpenDatabase(const std::string& name,
                                       const std::filesystem::path& vocabulary) const {
    auto engine = Engine::Open(folder_ / name, OpenMode::kCreate,
                               {.options = options_, .vocabulary = vocabulary});
    EXPECT_TRUE(engine) << engine.error().message;
    return std::move(*engine);
  }
  // The catalogue in so many databases.
  std::unique_ptr<ShardsHere> Cut(unsigned shards) const {
    std::vector<std::unique_ptr<Engine>> engines;
    for (unsigned shard = 0; shard < shards; ++shard) {
      engines.push_back(
          OpenDatabase("cut-" + std::to_string(shards) + "-" + std::to_string(shard), vocabulary_));
      Catalogue part;
      for (unsigned i = 0; i < kItems; ++i) {
        if (i * 7 % 11 % shards == shard) part.entries.push_back(catalogue_.entries[i]);
      }
      EXPECT_TRUE(engines.back()->IndexCatalogue(part, {}));
    }
    return std::make_unique<ShardsHere>(std::move(engines));
  }
  static std::unique_ptr<ShardedEngine> OpenSharded(const ShardTransport& shards) {
    auto engine = ShardedEngine::Open(shards);
    EXPECT_TRUE(engine) << engine.error().message;
    return engine ? std::move(*engine) : nullptr;
  }
  // All numbers behind a hit.
  static std::vector<double> Numbers(const Hit& hit) {
    const Evidence& e = hit.evidence;
    std::vector<double> numbers{static_cast<double>(e.inliers),
                                static_cast<double>(e.matches),
                                e.item_coverage,
                                e.photo_share,
                                e.agreement,
                                e.descriptor_agreement,
                                e.colour,
                                e.colour_shift,
                                e.colour_error,
                                e.colour_differs,
                                e.sharpness,
                                e.visible,
                                e.agreement_margin,
                                e.votes,
                                e.vote_margin,
                                e.repeats,
                                e.similarity,
                                e.margin,
                                e.local_log_odds,
                                e.look_log_odds,
                                e.deep_log_odds};
    if (hit.polygon)
      for (const Point& corner : *hit.polygon)
        numbers.insert(numbers.end(), {corner.x_px, corner.y_px});
    for (const auto& [photo, item] : hit.matches)
      numbers.insert(numbers.end(), {photo.x_px, photo.y_px, item.x_px, item.y_px});
    return numbers;
  }
  static void ExpectSame(const Answer& a, const Answer& b) {
    EXPECT_EQ(a.features, b.features);
    EXPECT_EQ(a.where_matched, b.where_matched);
    ASSERT_EQ(a.hits.size(), b.hits.size());
    for (std::size_t i = 0; i < a.hits.size(); ++i) {
      const Hit &x = a.hits[i], &y = b.hits[i];
      EXPECT_EQ(x.id, y.id);
      EXPECT_EQ(x.accepted, y.accepted);
      EXPECT_EQ(x.kind, y.kind);
      EXPECT_EQ(x.probability, y.probability);
      EXPECT_EQ(x.score, y.score);
      EXPECT_EQ(x.metadata, y.metadata);
      EXPECT_EQ(x.picture.path, y.picture.path);
      EXPECT_EQ(x.twins, y.twins);
      EXPECT_EQ(x.reason, y.reason);
      EXPECT_EQ(Numbers(x), Numbers(y)) << x.id;
      EXPECT_EQ(x.polygon.has_value(), y.polygon.has_value());
    }
  }
  // All hits of all photos.
  void ExpectSameAnswers(const ShardedEngine& sharded, QueryOptions query) const {
    query.all = query.keep_matches = query.shortlisted = true;
    query.top = 100;
    for (std::size_t i = 0; i < photos_.size(); ++i) {
      const auto expected = one_->Query(PhotoPath(i), query);
      const auto answer = sharded.Query(PhotoPath(i), query);
      ASSERT_TRUE(expected) << expected.error().message;
      ASSERT_TRUE(answer) << answer.error().message;
      ExpectSame(*answer, *expected);
      ASSERT_TRUE(answer->coverage);
      EXPECT_EQ(answer->coverage->answered, answer->coverage->shards);
    }
  }

  test::TempFolder folder_;
  EngineOptions options_;
  Catalogue catalogue_;
  std::filesystem::path vocabulary_;
  std::unique_ptr<Engine> one_;
  std::vector<Image> photos_;
};

TEST_P(Sharded, AnyNumberOfShardsAnswersAsOneDatabase) {
  const std::vector<unsigned> numbers =
      GetParam() == "sift" ? std::vector<unsigned>{1, 2, 3, 8} : std::vector<unsigned>{3};
  for (const unsigned shards : numbers) {
    const auto parts = Cut(shards);
    const auto sharded = OpenSharded(*parts);
    ASSERT_TRUE(sharded);
    EXPECT_EQ(sharded->options().extract.method, GetParam());
    ExpectSameAnswers(*sharded, {});
    ExpectSameAnswers(*sharded, {.where = {{"parity", "odd"}}});
    if (shards != 3) continue;
    ExpectSameAnswers(*sharded, {.where = {{"only", "five"}}});
    ExpectSameAnswers(*sharded, {.without = {"3", "20", "nobody"}});
    ExpectSameAnswers(*sharded, {.exact = true});
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, Sharded,
                         testing::Values("sift", "surf", "orb", "brief", "xfeat", "look", "deep",
                                         "hybrid"),
                         [](const auto& of) { return of.param; });

class ShardedSift : public Sharded {};

TEST_P(ShardedSift, AMissingShardIsAnErrorOrSaid) {
  const auto parts = Cut(3);
  const auto sharded = OpenSharded(*parts);
  parts->dead = {1};
  const auto refused = sharded->Query(PhotoPath(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  const auto partial = sharded->Query(PhotoPath(0), {.partial = true});
  ASSERT_TRUE(partial) << partial.error().message;
  EXPECT_EQ(partial->coverage->shards, 3u);
  EXPECT_EQ(partial->coverage->answered, 2u);
  EXPECT_GT(partial->coverage->share_of_items, 0.5);
  EXPECT_LT(partial->coverage->share_of_items, 0.8);
  // It may also go in the middle of a query.
  std::set<std::size_t> answered;
  for (int requests = 1, asked = requests; asked >= requests; ++requests) {
    parts->dead.clear();
    asked = 0;
    parts->before = [&](std::size_t) {
      if (++asked == requests) parts->dead = {2};
    };
    const auto answer = sharded->Query(PhotoPath(0), {.partial = true});
    ASSERT_TRUE(answer) << answer.error().message;
    answered.insert(answer->coverage->answered);
  }
  EXPECT_EQ(answered, (std::set<std::size_t>{2, 3}));
}

TEST_P(ShardedSift, AShardThatStartsAgainBetweenTheRoundsIsAskedAgain) {
  const auto parts = Cut(2);
  const auto sharded = OpenSharded(*parts);
  int asked = 0, restarted = 0;
  parts->before = [&](std::size_t shard) {
    if (++asked % 7 != 3) return;  // at first, before votes are ranked that were counted before
    ++restarted;
    parts->Restart(shard, folder_ / ("cut-2-" + std::to_string(shard)));
  };
  ExpectSameAnswers(*sharded, {});
  EXPECT_GT(restarted, 3);
}

TEST_P(ShardedSift, ServersOfAShardThatNumberItsFacesInAnotherWayAreNotMixed) {
  const auto parts = Cut(2);
  // The same items, added in the opposite order.
  Catalogue reversed;
  for (const CatalogueEntry& entry : catalogue_.entries) {
    if (*parts->engine(0).Find(entry.id)) reversed.entries.push_back(entry);
  }
  std::ranges::reverse(reversed.entries);
  auto second = OpenDatabase("second", vocabulary_);
  ASSERT_TRUE(second->IndexCatalogue(reversed, {}));
  parts->AddReplica(0, std::move(second));
  const auto sharded = OpenSharded(*parts);
  int asked = 0;
  for (const bool exact : {false, true}) {
    for (int before = 1; before < 9; ++before) {  // the second one takes over, in every round
      asked = 0;
      parts->choose = [&asked, before](const auto&) { return ++asked > before; };
      const QueryOptions query{.all = true, .exact = exact};
      const auto expected = one_->Query(PhotoPath(0), query);
      const auto answer = sharded->Query(PhotoPath(0), query);
      ASSERT_TRUE(answer) << answer.error().message;
      ExpectSame(*answer, *expected);
      EXPECT_EQ(answer->coverage->answered, 2u);
    }
  }
  // With servers that take turns all the time there is no answer, and not a wrong one.
  parts->choose = [&](const auto&) { return ++asked % 2 != 0; };
  const auto restless = sharded->Query(PhotoPath(0), {.partial = true});
  ASSERT_FALSE(restless);
  EXPECT_EQ(restless.error().code, ErrorCode::kUnavailable);
}

TEST_P(ShardedSift, AnswersWhileShardsChange) {
  const auto parts = Cut(2);
  const auto sharded = OpenSharded(*parts);
  int asked = 0;
  parts->before = [&](std::size_t shard) {
    const std::string id = "new-" + std::to_string(++asked);
    ASSERT_TRUE(parts->engine(shard).Add(id, folder_ / "items/9.png"));
    ASSERT_TRUE(parts->engine(shard).Remove(id));
  };
  for (std::size_t i = 0; i < photos_.size(); i += 2) {
    const auto answer = sharded->Query(PhotoPath(i));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->hits.size(), one_->Query(PhotoPath(i))->hits.size());
  }
}

TEST_P(ShardedSift, RefusesWhatDoesNotBelongTogether) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(OpenDatabase("given", vocabulary_));
  engines.push_back(OpenDatabase("trained", {}));
  const auto refused = ShardedEngine::Open(ShardsHere(std::move(engines)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIncompatible);

  engines.clear();
  engines.push_back(OpenDatabase("trained", {}));
  const auto without = ShardedEngine::Open(ShardsHere(std::move(engines)));
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, testing::HasSubstr("without a given vocabulary"));
  EXPECT_EQ(ShardedEngine::Open(ShardsHere({})).error().code, ErrorCode::kInvalidArgument);

  const auto parts = Cut(2);
  const auto sharded = OpenSharded(*parts);
  const auto unknown = sharded->Query(PhotoPath(0), {.where = {{"colour", "red"}}});
  ASSERT_FALSE(unknown);
  const auto of_one = one_->Query(PhotoPath(0), {.where = {{"colour", "red"}}});
  EXPECT_EQ(unknown.error().message, of_one.error().message);
  parts->damage = true;
  EXPECT_EQ(sharded->Query(PhotoPath(0)).error().code, ErrorCode::kCorrupt);
  parts->damage = false;
  parts->dead = {0, 1};
  EXPECT_EQ(ShardedEngine::Open(*parts).error().code, ErrorCode::kUnavailable);
}

TEST_P(ShardedSift, AfterItsDeadlineAQueryIsGivenUpBetweenAndWithinRounds) {
  const auto parts = Cut(2);
  const auto sharded = OpenSharded(*parts);
  const auto now = [] { return std::chrono::steady_clock::now(); };
  int asked = 0;
  parts->before = [&](std::size_t) { ++asked; };
  const auto late = sharded->Query(PhotoPath(0), {.deadline = now()});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(asked, 0);
  for (const bool exact : {false, true}) {
    // It passes while the first shard is asked, which then does not begin to work.
    asked = 0;
    const auto deadline = now() + std::chrono::seconds(2);
    parts->before = [&](std::size_t) {
      ++asked;
      std::this_thread::sleep_until(deadline + std::chrono::milliseconds(1));
    };
    const auto answer = sharded->Query(PhotoPath(0), {.exact = exact, .deadline = deadline});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(asked, 2) << "no second round";
  }
  std::atomic<bool> cancel = true;
  EXPECT_EQ(sharded->Query(PhotoPath(0), {.cancel = &cancel}).error().code, ErrorCode::kCancelled);
  parts->before = nullptr;
  EXPECT_TRUE(sharded->Query(PhotoPath(0), {.deadline = now() + std::chrono::minutes(5)}));
}

TEST_P(ShardedSift, QueriesAreSpreadOverReplicas) {
  const auto parts = Cut(1);
  const auto sharded = OpenSharded(*parts);
  parts->affinities.clear();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(sharded->Query(PhotoPath(0)));
  EXPECT_EQ(parts->affinities.size(), 20u) << "one of each query";
  for (const unsigned replicas : {2u, 3u}) {
    std::set<std::uint64_t> chosen;
    for (const std::uint64_t affinity : parts->affinities) chosen.insert(affinity % replicas);
    EXPECT_EQ(chosen.size(), replicas);
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, ShardedSift, testing::Values("sift"),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace inlier
