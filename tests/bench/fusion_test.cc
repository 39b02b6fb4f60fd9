#include "bench/fusion.h"

#include <array>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace inlier {
namespace {

RankedItem Item(const std::string& id, double score, int inliers = 0,
                std::vector<Point> outline = {}) {
  return {.id = id,
          .score = score,
          .probability = 1 / (1 + std::exp(-score)),
          .accepted = false,
          .inliers = inliers,
          .outline = std::move(outline)};
}
std::vector<Point> Square(float left, float side) {
  return {{left, 0}, {left + side, 0}, {left + side, side}, {left, side}};
}

TEST(Fusion, WithNothingToLearnFromTheClassicalMethodStands) {
  const Fusion fusion = Fusion::Fit(2, {});
  EXPECT_THAT(fusion.weights(), testing::ElementsAre(0, 0, 1, 0, 0, 0));
  BenchAnswer classical{.items = {Item("a", 3, 40), Item("b", -2)}},
      deep{.items = {Item("c", 9), Item("b", 1)}};
  const BenchAnswer fused = fusion.Fuse({&classical, &deep}, 0.85);
  EXPECT_THAT(fused.ranking(), testing::ElementsAre("a", "b", "c"));
  EXPECT_TRUE(fused.items[0].accepted);
  EXPECT_FALSE(fused.items[1].accepted);
}

// Photos for which the classical score is noise, so that only the deep score can decide.
struct World {
  MethodAnswers classical, deep;
  std::vector<Truth> truths;

  explicit World(std::size_t photos) {
    std::mt19937 random(7);
    const auto noise = [&random] { return static_cast<double>(random() % 1000) / 500 - 1; };
    for (std::size_t i = 0; i < photos; ++i) {
      const std::string own = "item" + std::to_string(i);
      truths.push_back({.relevant = {own}, .junk = {}});
      auto &a = classical.photos.emplace_back(), &b = deep.photos.emplace_back();
      for (const bool with_own : {true, false}) {
        BenchAnswer said_a, said_b;
        for (int other = 0; other < 5; ++other) {
          said_a.items.push_back(Item(fmt::format("x{}", other), noise()));
          said_b.items.push_back(Item(fmt::format("x{}", other), -2 + noise()));
        }
        if (with_own) {
          said_a.items.push_back(Item(own, noise()));
          said_b.items.push_back(Item(own, 3 + noise()));
        }
        for (auto* said : {&said_a, &said_b}) {
          std::sort(said->items.begin(), said->items.end(),
                    [](const RankedItem& x, const RankedItem& y) { return x.score > y.score; });
        }
        const auto setting =
            static_cast<std::size_t>(with_own ? Setting::kJoint : Setting::kLeftOut);
        a[setting] = said_a;
        b[setting] = said_b;
      }
    }
  }
};

TEST(Fusion, LearnsWhomToTrustOnPhotosThatItHasNotSeen) {
  const World world(60);
  const auto [fused, all] = FuseInFolds(
      std::array{&world.classical, &world.deep}, world.truths,
      [](auto, const auto&) { return false; }, 0.85);
  int first = 0, alarms = 0;
  for (std::size_t i = 0; i < world.truths.size(); ++i) {
    const auto& joint = *fused.photos[i][static_cast<std::size_t>(Setting::kJoint)];
    first += joint.items.front().id == world.truths[i].relevant[0];
    EXPECT_FALSE(fused.photos[i][static_cast<std::size_t>(Setting::kOwn)]);
    alarms += fused.photos[i][static_cast<std::size_t>(Setting::kLeftOut)]->items.front().accepted;
  }
  EXPECT_EQ(first, 60);
  EXPECT_LE(alarms, 3);
  EXPECT_GT(all.weights()[4] + all.weights()[5], 1);
}

TEST(Fusion, OfThreeMethodsEachIsHeardWhereItKnows) {
  // The classical method knows the even photos, the second one the odd ones, and the third one
  // nothing.
  std::mt19937 random(11);
  const auto noise = [&random] { return static_cast<double>(random() % 1000) / 500 - 1; };
  std::array<MethodAnswers, 3> methods;
  std::vector<Truth> truths;
  constexpr auto kJoint = static_cast<std::size_t>(Setting::kJoint);
  for (std::size_t i = 0; i < 80; ++i) {
    const std::string own = "item" + std::to_string(i);
    truths.push_back({.relevant = {own}, .junk = {}});
    for (std::size_t m = 0; m < methods.size(); ++m) {
      BenchAnswer said;
      if (m == i % 2) said.items.push_back(Item(own, 5 + noise()));
      for (int other = 0; other < 5; ++other)
        said.items.push_back(Item(fmt::format("x{}", other), -4 + noise()));
      methods[m].photos.emplace_back()[kJoint] = said;
    }
  }
  const auto [fused, all] = FuseInFolds(
      std::array{methods.data(), &methods[1], &methods[2]}, truths,
      [](auto, const auto&) { return false; }, 0.85);
  int first = 0;
  for (std::size_t i = 0; i < truths.size(); ++i)
    first += fused.photos[i][kJoint]->items.front().id == truths[i].relevant[0];
  EXPECT_EQ(first, 80);
  EXPECT_EQ(all.weights().size(), 8u);
}

TEST(Fusion, ManyWrongAndFewRightItemsDoNotThrowItOff) {
  // Real answers look like this: nearly all items are wrong, with scores that are low and alike,
  // and the right ones stand well apart from them.
  std::vector<Fusion::Candidate> candidates;
  for (int i = 0; i < 20'000; ++i)
    candidates.push_back({{1, 0, -11.0 - i % 3, -4.6, -3.5 - 0.1 * (i % 7), -2.7}, false});
  for (int i = 0; i < 100; ++i)
    candidates.push_back({{1, 1, 8.0 + i % 3, 6, 1.0 - 0.1 * (i % 5), 2.0}, true});
  for (int i = 0; i < 100; ++i)
    candidates.push_back({{1, 1, -2.0 - i % 4, -4, -1.0 - 0.1 * (i % 5), -1.0}, false});
  const Fusion fusion = Fusion::Fit(2, candidates);
  int wrong = 0;
  for (const auto& c : candidates) {
    double score = 0;
    for (std::size_t i = 0; i < c.evidence.size(); ++i)
      score += fusion.weights()[i] * c.evidence[i];
    wrong += (score > 0) != c.right;
    EXPECT_LT(std::fabs(score), 100);
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Fusion, OfPhotosOfOneItemNoneIsInTheOthersFit) {
  // All photos show the same item, so each photo's fit has no other photo to learn from, and the
  // order stays that of the classical method.
  World world(10);
  for (Truth& truth : world.truths) truth.relevant = {"item0"};
  const auto [fused, all] = FuseInFolds(
      std::array{&world.classical, &world.deep}, world.truths,
      [](auto, const auto&) { return false; }, 0.85);
  const auto setting = static_cast<std::size_t>(Setting::kJoint);
  for (std::size_t i = 0; i < world.truths.size(); ++i) {
    EXPECT_EQ(fused.photos[i][setting]->items.front().id,
              world.classical.photos[i][setting]->items.front().id);
  }
}

TEST(Fusion, OneItemIsAcceptedInOnePlace) {
  BenchAnswer classical{.items = {Item("a", 6, 50, Square(0, 100)),
                                  Item("b", 5, 30, Square(10, 60)),
                                  Item("c", 4, 30, Square(300, 80))}};
  const BenchAnswer fused = Fusion().Fuse({&classical}, 0.85);
  ASSERT_EQ(fused.items.size(), 3u);
  EXPECT_EQ(fused.items[0].id, "a");
  EXPECT_EQ(fused.items[1].id, "c");  // accepted items come first
  EXPECT_TRUE(fused.items[1].accepted);
  EXPECT_FALSE(fused.items[2].accepted);
}

TEST(Fusion, DecodesOnce) {
  BenchAnswer classical{.wall_ms = 20}, deep{.wall_ms = 50};
  classical.cpu = {.decode_ms = 5, .extract_ms = 10, .total_ms = 18};
  deep.cpu = {.decode_ms = 5, .extract_ms = 40, .total_ms = 47};
  const BenchAnswer fused = Fusion(2).Fuse({&classical, &deep}, 0.85);
  EXPECT_DOUBLE_EQ(fused.cpu.total_ms, 60);
  EXPECT_DOUBLE_EQ(fused.cpu.extract_ms, 50);
  EXPECT_DOUBLE_EQ(fused.cpu.decode_ms, 5);
  EXPECT_DOUBLE_EQ(fused.wall_ms, 65);
}

}  // namespace
}  // namespace inlier
