#include "extractor/sift_coefficients.h"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "extractor/methods.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

Features Sift(bool full) {
  ExtractorOptions options;
  options.sift_full = full;
  return (*CreateExtractor(options))->Extract(test::DrawTexture(5, 400, 300));
}

double Distance(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    squares += std::pow(static_cast<double>(a[i] - b[i]), 2);
  return std::sqrt(squares);
}

TEST(SiftCoefficients, HalveTheRowsAndLeaveTheKeypointsAlone) {
  const Features full = Sift(true), half = Sift(false);
  EXPECT_EQ(full.descriptor_bytes, 128);
  EXPECT_EQ(half.descriptor_bytes, 64);
  ASSERT_GT(full.size(), 200u);
  ASSERT_EQ(full.size(), half.size());
  for (std::size_t i = 0; i < full.size(); ++i) {
    EXPECT_EQ(full.keypoints[i].point.x_px, half.keypoints[i].point.x_px);
    EXPECT_EQ(full.keypoints[i].angle_rad, half.keypoints[i].angle_rad);
  }
}

// An orthonormal transform keeps distances; what is left out can only shorten them.
TEST(SiftCoefficients, DistancesStayAboutTheSame) {
  const Features full = Sift(true), half = Sift(false);
  double kept = 0, all = 0;
  for (std::size_t i = 1; i < full.size(); ++i) {
    const double before = Distance(full.row(i), full.row(0)),
                 after = Distance(half.row(i), half.row(0));
    EXPECT_LT(after, before + 8) << i;  // 64 coefficients, each rounded to a whole number
    kept += after * after;
    all += before * before;
  }
  EXPECT_GT(kept, 0.85 * all);
}

TEST(SiftCoefficients, AreTheSameOnEveryTarget) {
  const Features full = Sift(true);
  std::vector<std::vector<std::uint8_t>> of_target;
  test::ForEachSimdTarget([&] {
    std::vector<std::uint8_t> rows(full.size() * kSiftCoefficients);
    for (std::size_t i = 0; i < full.size(); ++i)
      ToSiftCoefficients(full.row(i).data(), &rows[i * kSiftCoefficients]);
    of_target.push_back(std::move(rows));
  });
  for (const auto& rows : of_target) EXPECT_EQ(rows, of_target.front());
  EXPECT_EQ(Sift(false).descriptors, of_target.front());
}

// The basis is orthonormal: of a row that is one everywhere, only the constant coefficient is left.
TEST(SiftCoefficients, AFlatRowHasOnlyItsMean) {
  std::vector<std::uint8_t> flat(kSiftDims, 30), flatter(kSiftDims, 40);
  std::array<std::uint8_t, kSiftCoefficients> a{}, b{};
  ToSiftCoefficients(flat.data(), a.data());
  ToSiftCoefficients(flatter.data(), b.data());
  EXPECT_NEAR(b[0] - a[0], 10 * std::sqrt(128), 1);
  for (std::size_t i = 1; i < a.size(); ++i) EXPECT_EQ(a[i], b[i]) << i;
}

}  // namespace
}  // namespace inlier
