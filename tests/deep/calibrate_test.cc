#include "deep/calibrate.h"

#include <cmath>

#include <gtest/gtest.h>

namespace inlier {
namespace {

std::vector<float> Axis(std::size_t axis, float towards_next) {
  std::vector<float> values(12);
  values[axis] = std::sqrt(1 - towards_next * towards_next);
  values[(axis + 1) % 12] = towards_next;
  return values;
}

double LogOdds(const Calibration& c, double similarity, double margin) {
  return c.offset + c.similarity * similarity + c.margin * margin;
}

TEST(Calibrate, NearAndAloneIsLikely) {
  std::vector<std::vector<float>> items, views;
  for (std::size_t i = 0; i < 12; ++i) {
    items.push_back(Axis(i, 0));
    views.push_back(Axis(i, i % 4 == 0 ? 0.8f : 0.3f));  // every fourth is nearer to another item
  }
  const Calibrated calibrated = Calibrate(items, views);
  EXPECT_NEAR(calibrated.first_hit, 0.75, 1e-9);
  const Calibration& c = calibrated.calibration;
  EXPECT_GE(c.similarity, 0);
  EXPECT_GE(c.margin, 0);
  EXPECT_GT(LogOdds(c, 0.95, 0.65), 0);
  EXPECT_LT(LogOdds(c, 0.3, 0.3), 0);
  EXPECT_TRUE(std::isfinite(c.offset));
}

TEST(Calibrate, TooFewItemsGiveNone) {
  const std::vector<std::vector<float>> two = {Axis(0, 0), Axis(1, 0)};
  EXPECT_EQ(Calibrate(two, two).calibration.similarity, 0);
}

}  // namespace
}  // namespace inlier
