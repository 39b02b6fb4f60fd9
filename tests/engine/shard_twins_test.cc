// Twins that lie in different shards, and shards of two versions.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image.h"
#include "inlier/engine.h"
#include "inlier/sharded.h"
#include "tests/engine/shards_here.h"
#include "tests/support/drawn.h"
#include "tests/support/files.h"
#include "tests/support/tiny_onnx.h"

namespace inlier {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr int kWidth = 360, kHeight = 280;
constexpr unsigned kLabels = 20;

Image Label(unsigned seed) { return test::DrawTexture(300 + seed, kWidth, kHeight); }

// Another export of the same picture.
Image Brighter(Image image) {
  for (std::uint8_t& value : image.pixels)
    value = static_cast<std::uint8_t>(std::min(255.0, value * 0.85 + 12));
  return image;
}

// Labels in two shards and in one database. Of labels 3 and 4 the other shard has a brighter
// picture, "3-twin" and "4-twin".
class ShardTwins : public testing::Test {
 protected:
  void SetUp() override {
    Catalogue whole;
    std::vector<Catalogue> parts(2);
    const auto add = [&](const std::string& id, const Image& picture, unsigned shard) {
      const auto path = folder_ / ("items/" + id + ".png");
      test::WriteImage(path, picture);
      whole.entries.push_back({id, {path}, {{"shard", std::to_string(shard)}}});
      parts[shard].entries.push_back(whole.entries.back());
    };
    for (unsigned i = 0; i < kLabels; ++i) add(std::to_string(i), Label(i), i % 2);
    for (const unsigned i : {3u, 4u})
      add(std::to_string(i) + "-twin", Brighter(Label(i)), 1 - i % 2);
    const auto sample = OpenDatabase("sample", {});
    ASSERT_TRUE(sample->IndexCatalogue(whole, {}));
    ASSERT_TRUE(sample->WriteVocabulary(folder_ / "vocabulary"));
    one_ = OpenDatabase("one", folder_ / "vocabulary");
    ASSERT_TRUE(one_->IndexCatalogue(whole, {}));
    std::vector<std::unique_ptr<Engine>> engines;
    for (const Catalogue& part : parts) {
      engines.push_back(
          OpenDatabase("shard-" + std::to_string(engines.size()), folder_ / "vocabulary"));
      ASSERT_TRUE(engines.back()->IndexCatalogue(part, {}));
    }
    shards_ = std::make_unique<test::ShardsHere>(std::move(engines));
    auto sharded = ShardedEngine::Open(*shards_, {.options = options_});
    ASSERT_TRUE(sharded) << sharded.error().message;
    sharded_ = std::move(*sharded);
    test::WriteImage(folder_ / "photo.png", Photo(3));
  }
  std::unique_ptr<Engine> OpenDatabase(const std::string& name,
                                       const std::filesystem::path& vocabulary) const {
    auto engine = Engine::Open(folder_ / name, OpenMode::kCreate,
                               {.options = options_, .vocabulary = vocabulary});
    EXPECT_TRUE(engine) << engine.error().message;
    return std::move(*engine);
  }
  static Image Photo(unsigned label) {
    const Homography map =
        test::FromCorners(kWidth, kHeight, {Point{150, 90}, {480, 110}, {460, 370}, {130, 320}});
    return test::AddNoise(test::Warp(Label(label), map, 640, 480, 55), 4, label);
  }
  // All slices of both shards, each pair once.
  std::vector<DistantTwins> FindAll(std::uint32_t slice) const {
    std::vector<DistantTwins> all;
    for (const std::size_t shard : {0u, 1u}) {
      std::uint32_t begin = 0;
      do {
        const auto found = sharded_->FindTwins(shard, begin, slice);
        EXPECT_TRUE(found) << found.error().message;
        for (const DistantTwins& pair : found->pairs) {
          const bool is_new = std::ranges::none_of(all, [&](const DistantTwins& known) {
            return known.first.pixel_hash == pair.first.pixel_hash &&
                   known.second.pixel_hash == pair.second.pixel_hash;
          });
          if (is_new) all.push_back(pair);
        }
        begin = found->next;
      } while (begin != 0);
    }
    return all;
  }
  std::vector<std::string> TwinsOfBest(const QueryOptions& query = {}) const {
    const auto answer = sharded_->Query(folder_ / "photo.png", query);
    EXPECT_TRUE(answer) << answer.error().message;
    if (!answer || answer->hits.empty()) return {"no hit"};
    std::vector<std::string> ids = answer->hits.front().twins;
    ids.push_back(answer->hits.front().id);
    return ids;
  }

  test::TempFolder folder_;
  EngineOptions options_;
  std::unique_ptr<Engine> one_;
  std::unique_ptr<test::ShardsHere> shards_;
  std::unique_ptr<ShardedEngine> sharded_;
};

TEST_F(ShardTwins, AreFoundAndNamedAsInOneDatabase) {
  const auto pairs = FindAll(1000);
  ASSERT_EQ(pairs.size(), 2u);
  for (const DistantTwins& pair : pairs) {
    EXPECT_EQ(pair.first.shard, 0u);
    EXPECT_EQ(pair.second.shard, 1u);
    EXPECT_GE(pair.likeness, 0.5F);
  }
  EXPECT_EQ(FindAll(3).size(), 2u) << "slices change nothing";
  sharded_->UseTwins(pairs);
  const auto answer = sharded_->Query(folder_ / "photo.png", {.all = true});
  const auto expected = one_->Query(folder_ / "photo.png", {.all = true});
  ASSERT_TRUE(answer && expected);
  ASSERT_FALSE(expected->hits.empty());
  EXPECT_TRUE(expected->hits.front().accepted);
  EXPECT_EQ(expected->hits.front().twins.size(), 1u);
  ASSERT_EQ(answer->hits.size(), expected->hits.size());
  for (std::size_t i = 0; i < answer->hits.size(); ++i) {
    EXPECT_EQ(answer->hits[i].id, expected->hits[i].id);
    EXPECT_EQ(answer->hits[i].twins, expected->hits[i].twins);
    EXPECT_EQ(answer->hits[i].accepted, expected->hits[i].accepted);
    EXPECT_EQ(answer->hits[i].probability, expected->hits[i].probability);
  }
  // The filter holds for them as well.
  EXPECT_THAT(TwinsOfBest({.where = {{"shard", "1"}}}), ElementsAre("3"));
}

// Of the twins of a hit only the items are wanted, and not their own twins again.
TEST_F(ShardTwins, AreSoughtOnceInAQuery) {
  sharded_->UseTwins(FindAll(1000));
  shards_->asked.clear();
  ASSERT_THAT(TwinsOfBest(), UnorderedElementsAre("3", "3-twin"));
  EXPECT_EQ(shards_->asked[shards::Round::kFaces], 1);
  EXPECT_EQ(shards_->asked[shards::Round::kFacesOf], 1);
}

TEST_F(ShardTwins, AreListedInGroups) {
  const auto ids = [this](const TwinListOptions& options) {
    std::vector<std::vector<std::string>> of_groups;
    const auto page = sharded_->Twins(options);
    EXPECT_TRUE(page) << page.error().message;
    for (const TwinGroup& group : page->groups) of_groups.push_back(group.ids);
    return of_groups;
  };
  EXPECT_THAT(ids({}), IsEmpty());
  sharded_->UseTwins(FindAll(1000));
  // In the order of the shards, and not of the items.
  EXPECT_THAT(ids({}), ElementsAre(ElementsAre("4", "4-twin"), ElementsAre("3-twin", "3")));
  EXPECT_THAT(ids({.id = "3"}), ElementsAre(ElementsAre("3-twin", "3")));
  EXPECT_THAT(ids({.offset = 1, .limit = 5}), ElementsAre(ElementsAre("3-twin", "3")));
  EXPECT_EQ(sharded_->Twins({.limit = 0})->total, 2u);
  EXPECT_EQ(sharded_->Twins({}, {.deadline = std::chrono::steady_clock::now()}).error().code,
            ErrorCode::kCancelled);
  shards_->dead = {1};
  EXPECT_EQ(sharded_->Twins({}).error().code, ErrorCode::kUnavailable);
}

// Another server of a shard has other numbers, so the groups are made again.
TEST_F(ShardTwins, AreListedThoughAServerGoesBetweenTheRounds) {
  sharded_->UseTwins(FindAll(1000));
  auto replica = OpenDatabase("replica", folder_ / "vocabulary");
  Catalogue backwards;
  for (const char* id : {"3-twin", "18", "4", "2"})
    backwards.entries.push_back({id, {folder_ / ("items/" + std::string(id) + ".png")}, {}});
  ASSERT_TRUE(replica->IndexCatalogue(backwards, {}));
  shards_->AddReplica(0, std::move(replica));
  int asked = 0;
  shards_->choose = [&asked](const auto&) { return ++asked > 2; };
  const auto page = sharded_->Twins({});
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->groups.size(), 2u);
  EXPECT_THAT(page->groups[0].ids, ElementsAre("3-twin", "3"));
  EXPECT_THAT(page->groups[1].ids, ElementsAre("4", "4-twin"));
}

class HybridShardTwins : public ShardTwins {
 protected:
  void SetUp() override {
    if (!INLIER_HAS_DEEP) GTEST_SKIP() << "this build has no ONNX Runtime (scripts/setup-deep)";
    test::WriteTinyModel(folder_.path());
    options_.extract.method = "hybrid";
    options_.extract.deep_model = folder_ / "tiny.json";
    options_.extract.deep_projection = "";
    options_.decide.candidates = 4;  // so that each space has a list of its own
    ShardTwins::SetUp();
  }
};

// What only looks like the photo has no outline, and its record comes another way.
TEST_F(HybridShardTwins, AreNamedWhereAnItemOnlyLooksLikeThePhoto) {
  sharded_->UseTwins(FindAll(1000));
  const QueryOptions query{.top = 40, .all = true};
  std::size_t alike_with_twins = 0;
  for (const unsigned label : {3u, 4u}) {
    // Its colours are left, and no local feature.
    const auto photo = folder_ / "asked.png";
    test::WriteImage(photo, ResizeLongSide(ResizeLongSide(Label(label), 20), kWidth));
    const auto answer = sharded_->Query(photo, query), expected = one_->Query(photo, query);
    ASSERT_TRUE(answer && expected);
    ASSERT_EQ(answer->hits.size(), expected->hits.size());
    for (std::size_t i = 0; i < answer->hits.size(); ++i) {
      EXPECT_EQ(answer->hits[i].id, expected->hits[i].id);
      EXPECT_EQ(answer->hits[i].twins, expected->hits[i].twins);
      alike_with_twins += !expected->hits[i].polygon && !expected->hits[i].twins.empty();
    }
  }
  EXPECT_GT(alike_with_twins, 0u);
}

TEST_F(ShardTwins, FollowThePictureAndNotTheDatabase) {
  const auto pairs = FindAll(1000);
  sharded_->UseTwins(pairs);
  EXPECT_THAT(TwinsOfBest(), UnorderedElementsAre("3", "3-twin"));
  // "3-twin" goes, and its picture comes back under another id.
  ASSERT_TRUE(shards_->engine(0).Remove("3-twin"));
  EXPECT_THAT(TwinsOfBest(), ElementsAre("3"));
  ASSERT_TRUE(shards_->engine(0).Add("again", folder_ / "items/3-twin.png"));
  EXPECT_THAT(TwinsOfBest(), UnorderedElementsAre("3", "again"));
  sharded_->UseTwins({});
  EXPECT_EQ(TwinsOfBest().size(), 1u);
}

TEST_F(ShardTwins, AShardOfTheVersionBeforeAnswersQueriesAndNamesNoTwinsElsewhere) {
  sharded_->UseTwins(FindAll(1000));
  const auto now = sharded_->Query(folder_ / "photo.png");
  shards_->old = {0};
  const auto mixed = sharded_->Query(folder_ / "photo.png");
  ASSERT_TRUE(now && mixed) << mixed.error().message;
  ASSERT_FALSE(mixed->hits.empty());
  EXPECT_EQ(mixed->hits.front().id, now->hits.front().id);
  EXPECT_TRUE(ShardedEngine::Open(*shards_));
  const auto refused = sharded_->FindTwins(0, 0, 10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIncompatible);
  EXPECT_EQ(sharded_->Twins({}).error().code, ErrorCode::kIncompatible);
  EXPECT_EQ(sharded_->FindTwins(2, 0, 10).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace inlier
