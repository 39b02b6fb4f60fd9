// What becomes of the network's outputs. These tests need no network.
#include "deep/xfeat_maps.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace inlier {
namespace {

constexpr std::int64_t kRows = 3, kColumns = 4;
constexpr std::size_t kCells = kRows * kColumns;

// Outputs in which no pixel is a keypoint, everything is reliable, and every descriptor is the
// first axis.
struct Outputs {
  Tensor descriptors{{1, 64, kRows, kColumns}, std::vector<float>(64 * kCells)};
  Tensor logits{{1, 65, kRows, kColumns}, std::vector<float>(65 * kCells)};
  Tensor reliability{{1, 1, kRows, kColumns}, std::vector<float>(kCells, 1)};

  Outputs() {
    std::fill_n(descriptors.values.begin(), kCells, 2.0f);
    std::fill_n(logits.values.end() - kCells, kCells, 9.0f);
  }
  // The logit of the pixel, over that of none of the cell's.
  void Set(int x_px, int y_px, float logit) {
    const auto cell = static_cast<std::size_t>(y_px / 8 * kColumns + x_px / 8);
    logits.values[static_cast<std::size_t>(y_px % 8 * 8 + x_px % 8) * kCells + cell] = 9 + logit;
  }
  XfeatMaps Maps(float least = 0.05f) const {
    return MakeXfeatMaps(descriptors, logits, reliability, least);
  }
};

TEST(XfeatMaps, AProbabilityIsThatOfItsPixel) {
  Outputs outputs;
  outputs.Set(19, 13, 1);
  const XfeatMaps maps = outputs.Maps();
  ASSERT_EQ(maps.probability.size(), 24u * 32);
  const double rest = 1 + std::exp(1.0) + 63 * std::exp(-9.0);
  EXPECT_NEAR(maps.probability[13 * 32 + 19], std::exp(1.0) / rest, 1e-6);
  const auto peaks = FindXfeatPeaks(maps, 0.05f);
  ASSERT_EQ(peaks.size(), 1u);
  EXPECT_EQ(peaks[0].x_px, 19);
  EXPECT_EQ(peaks[0].y_px, 13);
  EXPECT_NEAR(peaks[0].score, std::exp(1.0) / rest, 1e-6);
  EXPECT_TRUE(FindXfeatPeaks(maps, 0.8f).empty());
}

TEST(XfeatMaps, CellsThatCannotReachTheThresholdAreSkipped) {
  Outputs outputs;
  outputs.Set(3, 3, -2);  // at most e^-2 = 0.135
  EXPECT_GT(outputs.Maps(0.1f).probability[3 * 32 + 3], 0.1f);
  EXPECT_EQ(outputs.Maps(0.2f).probability[3 * 32 + 3], 0);
}

TEST(XfeatMaps, OfNearPixelsTheLikeliestIsAPeakAndOfEqualOnesTheFirst) {
  Outputs outputs;
  outputs.Set(7, 7, 1);
  outputs.Set(9, 9, 2);    // of another cell, 2 px away
  outputs.Set(20, 10, 1);  // 3 px from the next one
  outputs.Set(23, 10, 0.5f);
  outputs.Set(0, 23, 1);  // equal, and side by side
  outputs.Set(1, 23, 1);
  const auto peaks = FindXfeatPeaks(outputs.Maps(), 0.05f);
  ASSERT_EQ(peaks.size(), 4u);
  EXPECT_EQ(peaks[0].x_px, 9);
  EXPECT_EQ(peaks[1].x_px, 20);
  EXPECT_EQ(peaks[2].x_px, 23);
  EXPECT_EQ(peaks[3].x_px, 0);
}

TEST(XfeatMaps, ReliabilityIsInterpolatedBetweenCells) {
  Outputs outputs;
  // Between the middles of cells 1 and 2 of the upper row, at a quarter and half a pixel.
  outputs.reliability.values.assign(kCells, 0);
  outputs.reliability.values[2] = outputs.reliability.values[kColumns + 2] = 1;
  outputs.Set(14, 6, 30);
  const auto peaks = FindXfeatPeaks(outputs.Maps(), 0.05f);
  ASSERT_EQ(peaks.size(), 1u);
  EXPECT_NEAR(peaks[0].score, (14.5 - 12) / 8, 1e-4);
}

TEST(XfeatMaps, DescriptorsAreInterpolatedByCubicsAndOfUnitLength) {
  Outputs outputs;
  // From column 2 on the second axis.
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    if (cell % kColumns < 2) continue;
    outputs.descriptors.values[cell] = 0;
    outputs.descriptors.values[kCells + cell] = 5;
  }
  const XfeatMaps maps = outputs.Maps();
  std::array<float, kXfeatDims> row{};
  const auto at = [&](int x_px) {
    SampleXfeatDescriptor(maps, x_px, 11, row);
    EXPECT_NEAR(std::hypot(row[0], row[1]), 1, 1e-5);
    return std::atan2(row[1], row[0]);
  };
  EXPECT_NEAR(at(0), 0, 0.01);  // the border is repeated
  EXPECT_NEAR(at(31), M_PI / 2, 0.01);
  EXPECT_NEAR(at(15) + at(16), M_PI / 2, 1e-4);  // alike on both sides of the middle
  EXPECT_LT(at(15), at(16));
  // At a quarter of a pixel before the middle, t = 7/16 of the way: Keys' weights with a = -0.75.
  const double t = 7.0 / 16, a = -0.75;
  const auto inner = [a](double d) { return (a + 2) * d * d * d - (a + 3) * d * d + 1; };
  const auto outer = [a](double d) { return a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a; };
  const double first = outer(1 + t) + inner(t), second = inner(1 - t) + outer(2 - t);
  EXPECT_NEAR(at(15), std::atan2(second, first), 1e-5);
}

}  // namespace
}  // namespace inlier
