// These tests check the metrics on cases that were worked out by hand.
#include "bench/metrics.h"

#include <cmath>

#include <gtest/gtest.h>

namespace inlier {
namespace {

const Truth kOne{.relevant = {"a"}, .junk = {}};
const Truth kThree{.relevant = {"a", "b", "c"}, .junk = {"j"}};

TEST(Metrics, TheFirstHitIsOfTheFirstThatCounts) {
  EXPECT_EQ(FirstHit({"a", "x"}, kOne), 1);
  EXPECT_EQ(FirstHit({"x", "a"}, kOne), 0);
  EXPECT_EQ(FirstHit({}, kOne), 0);
  EXPECT_EQ(FirstHit({"j", "b"}, kThree), 1);  // junk does not count
}

TEST(Metrics, RecallIsTheShareOfWhatIsRelevant) {
  const Ranking ranking = {"x", "a", "j", "b", "y", "c"};
  EXPECT_DOUBLE_EQ(RecallAt(1, ranking, kThree), 0);
  EXPECT_DOUBLE_EQ(RecallAt(2, ranking, kThree), 1.0 / 3);
  EXPECT_DOUBLE_EQ(RecallAt(3, ranking, kThree), 2.0 / 3);  // b is third once the junk is left out
  EXPECT_DOUBLE_EQ(RecallAt(10, ranking, kThree), 1);
  EXPECT_DOUBLE_EQ(RecallAt(10, ranking, Truth{}), 0);
}

// Without the junk the ranking is x a b y c, and the precision is 1/2 at a, 2/3 at b and 3/5 at c.
TEST(Metrics, AveragePrecision) {
  const Ranking ranking = {"x", "a", "j", "b", "y", "c"};
  EXPECT_DOUBLE_EQ(AveragePrecision(ranking, kThree), (1.0 / 2 + 2.0 / 3 + 3.0 / 5) / 3);
  EXPECT_DOUBLE_EQ(AveragePrecision({"x", "y", "a"}, kOne), 1.0 / 3);
  EXPECT_DOUBLE_EQ(AveragePrecision({"a"}, kThree), 1.0 / 3);  // b and c were not listed
}

TEST(Metrics, AveragePrecisionOfTheFirstFew) {
  const Ranking ranking = {"x", "a", "j", "b", "y", "c"};
  EXPECT_DOUBLE_EQ(AveragePrecisionAt(3, ranking, kThree), (1.0 / 2 + 2.0 / 3) / 3);
  EXPECT_DOUBLE_EQ(AveragePrecisionAt(2, ranking, kThree),
                   (1.0 / 2) / 2);  // the first two ranks have room for two items
  EXPECT_DOUBLE_EQ(AveragePrecisionAt(5, {"x", "a"}, kOne), 1.0 / 2);
}

// Each relevant item adds a trapezoid of width 1/3, its step in recall. Item a at rank 2 takes the
// precision from 0 to 1/2, so its trapezoid has the area 1/3 · 1/4. Item b at rank 3 takes it from
// 1/2 to 2/3, which gives 1/3 · 7/12. Item c at rank 5 takes it from 1/2, the precision at rank 4,
// to 3/5, which gives 1/3 · 11/20.
TEST(Metrics, TheAreaByTrapezoidsIsThatOfTheOxfordBuildings) {
  EXPECT_DOUBLE_EQ(AveragePrecisionByTrapezoids({"x", "a", "j", "b", "y", "c"}, kThree),
                   (1.0 / 4 + 7.0 / 12 + 11.0 / 20) / 3);
  EXPECT_DOUBLE_EQ(AveragePrecisionByTrapezoids({"a"}, kOne), 1);
  EXPECT_DOUBLE_EQ(AveragePrecisionByTrapezoids({"x", "a"}, kOne), 1.0 / 4);
}

TEST(Metrics, OverlapOfOutlines) {
  const std::vector<Point> square = {{0, 0}, {100, 0}, {100, 100}, {0, 100}};
  const std::vector<Point> beside = {{50, 0}, {150, 0}, {150, 100}, {50, 100}};
  const std::vector<Point> away = {{300, 0}, {400, 0}, {400, 100}, {300, 100}};
  const std::vector<Point> el = {{0, 0},   {100, 0},  {100, 50},
                                 {50, 50}, {50, 100}, {0, 100}};  // not convex, 3/4 of the square
  EXPECT_NEAR(IntersectionOverUnion(square, square), 1, 1e-9);
  EXPECT_NEAR(IntersectionOverUnion(square, beside), 1.0 / 3, 0.01);
  EXPECT_EQ(IntersectionOverUnion(square, away), 0);
  EXPECT_NEAR(IntersectionOverUnion(square, el), 0.75, 0.01);
  EXPECT_EQ(IntersectionOverUnion(square, {}), 0);
  EXPECT_EQ(
      IntersectionOverUnion(std::vector<Point>(4, Point{5, 5}), std::vector<Point>(4, Point{5, 5})),
      0);
}

TEST(Metrics, ErrorsOfDetectionMoveWithTheThreshold) {
  const std::vector<double> own = {0.9, 0.6, 0.0, 0.2}, foreign = {0.7, 0.1};
  const auto errors = DetectionErrors(own, foreign);
  ASSERT_EQ(errors.size(), 101u);
  EXPECT_DOUBLE_EQ(errors[0].missed, 0.25);  // an item that was not found is always missed
  EXPECT_DOUBLE_EQ(errors[0].false_alarm, 1);
  EXPECT_DOUBLE_EQ(errors[50].threshold, 0.5);
  EXPECT_DOUBLE_EQ(errors[50].missed, 0.5);
  EXPECT_DOUBLE_EQ(errors[50].false_alarm, 0.5);
  EXPECT_DOUBLE_EQ(errors[100].missed, 1);
  EXPECT_DOUBLE_EQ(errors[100].false_alarm, 0);
  for (std::size_t i = 1; i < errors.size(); ++i) {
    EXPECT_GE(errors[i].missed, errors[i - 1].missed);
    EXPECT_LE(errors[i].false_alarm, errors[i - 1].false_alarm);
  }
}

TEST(Metrics, TheBootstrapHasTheWidthOfTheTheory) {
  std::vector<double> values;
  std::vector<std::uint32_t> apart, together;
  for (std::uint32_t i = 0; i < 400; ++i) {
    values.push_back(i % 4 == 0 ? 0 : 1);  // the mean is 3/4
    apart.push_back(i);
    together.push_back(i / 4 / 4 * 4 + i % 4);  // each group has four equal values
  }
  const Interval interval = BootstrapMean(values, apart, 1);
  const double sigma = std::sqrt(0.75 * 0.25 / 400);
  EXPECT_NEAR(interval.low, 0.75 - 1.96 * sigma, 0.008);
  EXPECT_NEAR(interval.high, 0.75 + 1.96 * sigma, 0.008);
  // Values that come in groups of four equal ones carry as much information as a quarter of them,
  // so the interval is twice as wide.
  const Interval wide = BootstrapMean(values, together, 1);
  EXPECT_NEAR((wide.high - wide.low) / (interval.high - interval.low), 2, 0.3);
  EXPECT_EQ(BootstrapMean(values, apart, 1).low, interval.low);  // the seed alone decides
  const Interval certain =
      BootstrapMean(std::vector<double>(10, 1.0), std::vector<std::uint32_t>(10, 0), 1);
  EXPECT_EQ(certain.low, 1);
  EXPECT_EQ(certain.high, 1);
}

}  // namespace
}  // namespace inlier
