#include "extractor/binary_features.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numbers>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "extractor/corner_measures.h"
#include "extractor/fast_corners.h"
#include "extractor/methods.h"
#include "extractor/orb_pattern.h"
#include "tests/extractor/planes.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

TEST(GradientSums, AreOpenCvsHarrisOnEveryTarget) {
  const BytePlane image = test::PlaneOf(test::AddNoise(test::DrawTexture(2, 120, 90), 20, 1));
  const cv::Mat mat(image.height, image.width, CV_8UC1, image.data.get(), image.stride);
  cv::Mat gx, gy;
  cv::Sobel(mat, gx, CV_64F, 1, 0, 3);
  cv::Sobel(mat, gy, CV_64F, 0, 1, 3);
  for (int y = kHarrisReach_px; y < image.height - kHarrisReach_px; y += 5) {
    for (int x = kHarrisReach_px; x < image.width - kHarrisReach_px; x += 3) {
      const cv::Rect block(x - 3, y - 3, 7, 7);
      const auto xx = static_cast<std::int64_t>(gx(block).dot(gx(block)));
      const auto xy = static_cast<std::int64_t>(gx(block).dot(gy(block)));
      const auto yy = static_cast<std::int64_t>(gy(block).dot(gy(block)));
      test::ForEachSimdTarget([&] {
        const GradientSums sums = SumGradients(image, x, y);
        ASSERT_EQ(sums.xx, xx);
        ASSERT_EQ(sums.xy, xy);
        ASSERT_EQ(sums.yy, yy);
      });
      const double trace = static_cast<double>(xx + yy);
      const double harris = static_cast<double>(xx) * static_cast<double>(yy) -
                            static_cast<double>(xy) * static_cast<double>(xy) -
                            0.04 * trace * trace;
      EXPECT_NEAR(static_cast<double>(SumGradients(image, x, y).Harris()) / 25, harris,
                  std::abs(harris) * 1e-9 + 1);
    }
  }
}

TEST(Centroid, IsThatOfTheDiscOnEveryTarget) {
  const BytePlane image = test::PlaneOf(test::AddNoise(test::DrawTexture(3, 90, 80), 30, 2));
  for (int y = kCentroidRadius_px; y < image.height - kCentroidRadius_px; y += 7) {
    for (int x = kCentroidRadius_px; x < image.width - kCentroidRadius_px; x += 5) {
      int sum_x = 0, sum_y = 0;
      for (int dy = -kCentroidRadius_px; dy <= kCentroidRadius_px; ++dy) {
        for (int dx = -kCentroidRadius_px; dx <= kCentroidRadius_px; ++dx) {
          if (std::hypot(dx, dy) >= kCentroidRadius_px + 0.5) continue;
          sum_x += dx * image.row(y + dy)[x + dx];
          sum_y += dy * image.row(y + dy)[x + dx];
        }
      }
      test::ForEachSimdTarget([&] {
        const Centroid centroid = CentroidOf(image, x, y);
        ASSERT_EQ(centroid.x, sum_x);
        ASSERT_EQ(centroid.y, sum_y);
      });
    }
  }
}

TEST(Centroid, BrightestAndDarkestDiscFit) {
  BytePlane image(31, 31);
  for (int y = 0; y < 31; ++y) std::fill_n(image.row(y), 31, std::uint8_t(y > 15 ? 255 : 0));
  const Centroid below = CentroidOf(image, 15, 15);
  EXPECT_EQ(below.x, 0);
  EXPECT_GT(below.y, 0);
  EXPECT_EQ(below.Turn(), kTurns / 4);
  for (int y = 0; y < 31; ++y) std::fill_n(image.row(y), 31, std::uint8_t(255 * (y < 15)));
  EXPECT_EQ(CentroidOf(image, 15, 15).y, -below.y);
  for (int y = 0; y < 31; ++y) std::fill_n(image.row(y), 31, std::uint8_t{255});
  EXPECT_EQ(CentroidOf(image, 15, 15).x, 0);
  EXPECT_EQ(CentroidOf(image, 15, 15).y, 0);
}

TEST(Centroid, TurnIsTheNearestOf256) {
  EXPECT_EQ((Centroid{0, 0}).Turn(), 0);
  for (int i = 0; i < 10'000; ++i) {
    const double angle_rad = i * 2 * std::numbers::pi / 10'000;
    const Centroid centroid{static_cast<std::int32_t>(std::lround(1e6 * std::cos(angle_rad))),
                            static_cast<std::int32_t>(std::lround(1e6 * std::sin(angle_rad)))};
    const double away =
        std::remainder(angle_rad * kTurns / (2 * std::numbers::pi) - centroid.Turn(), kTurns);
    ASSERT_LE(std::abs(away), 0.51) << angle_rad;
  }
}

TEST(OrientedCorners, StrongestOfEachLevelAndNoMoreThanAsked) {
  const Image image = ToGrey(test::DrawTexture(4, 640, 480));
  const Pyramid pyramid = BuildPyramid(image, 8, 1.2, kPatch_px);
  ASSERT_EQ(pyramid.levels.size(), 8u);
  EXPECT_EQ(pyramid.levels[7].width, std::lround(640 / std::pow(1.2, 7)));
  for (const int count : {1, 7, 200, 5000}) {
    const CornerOptions options{.max_corners = count};
    const auto corners = FindOrientedCorners(pyramid, options);
    EXPECT_LE(corners.size(), static_cast<std::size_t>(count));
    if (count <= 200) {
      EXPECT_EQ(corners.size(), static_cast<std::size_t>(count));
    }
    std::set<std::tuple<int, int, int>> places;
    for (const OrientedCorner& corner : corners) {
      const BytePlane& plane = pyramid.levels[static_cast<std::size_t>(corner.level)];
      EXPECT_GE(std::min(corner.x, corner.y), options.border_px);
      EXPECT_LT(corner.x, plane.width - options.border_px);
      EXPECT_LT(corner.y, plane.height - options.border_px);
      EXPECT_GT(corner.response, static_cast<float>(options.threshold));
      // Two neighbours of one level are never both corners.
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx)
          EXPECT_FALSE(places.contains({corner.level, corner.x + dx, corner.y + dy}));
      }
      places.insert({corner.level, corner.x, corner.y});
    }
  }
}

// FAST's score decides, and Harris' measure among equal scores at the cut.
TEST(OrientedCorners, AreTheStrongest) {
  const Pyramid pyramid = BuildPyramid(ToGrey(test::DrawTexture(4, 640, 480)), 1, 1.2, kPatch_px);
  const BytePlane& plane = pyramid.levels[0];
  const CornerOptions options{.max_corners = 150};
  const auto strength = [&plane](int x, int y, int score) {
    return std::pair(score, SumGradients(plane, x, y).Harris());
  };
  std::vector<std::pair<int, std::int64_t>> all, kept;
  for (const FastCorner& corner : FindFastCorners(plane, options.threshold, options.border_px)) {
    all.push_back(strength(corner.x, corner.y, corner.score));
  }
  for (const OrientedCorner& corner : FindOrientedCorners(pyramid, options)) {
    kept.push_back(strength(corner.x, corner.y, static_cast<int>(corner.response)));
  }
  ASSERT_GT(all.size(), 300u);
  std::ranges::sort(all, std::greater());
  std::ranges::sort(kept, std::greater());
  all.resize(150);
  EXPECT_EQ(kept, all);
}

TEST(OrientedCorners, DarkImagesStillFillTheirBudget) {
  Image image = ToGrey(test::DrawTexture(5, 500, 400));
  for (std::uint8_t& level : image.pixels) level = static_cast<std::uint8_t>(level / 8);
  EXPECT_EQ(
      FindOrientedCorners(BuildPyramid(image, 8, 1.2, kPatch_px), {.max_corners = 300}).size(),
      300u);
}

void ExpectPlausible(const TestPattern& pattern, int steps, double most_away) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const PixelTest& test = pattern[i];
    EXPECT_LE(test.x0 * test.x0 + test.y0 * test.y0, kReach_px * kReach_px);
    EXPECT_LE(test.x1 * test.x1 + test.y1 * test.y1, kReach_px * kReach_px);
    EXPECT_FALSE(test.x0 == test.x1 && test.y0 == test.y1);
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_FALSE(test == pattern[j]);
      EXPECT_FALSE((test == PixelTest{pattern[j].x1, pattern[j].y1, pattern[j].x0, pattern[j].y0}));
    }
    for (int turn = 0; turn < kTurns; ++turn) {
      const PixelTest turned = Turn(test, static_cast<std::uint8_t>(turn));
      for (const std::int8_t place : {turned.x0, turned.y0, turned.x1, turned.y1})
        EXPECT_LE(std::abs(place), kReach_px);
    }
  }
  const Image image = ToGrey(test::DrawTexture(6, 800, 600));
  const Features features = ExtractBinary(image, BinaryTests(pattern, steps), {});
  ASSERT_GT(features.size(), 900u);
  double away = 0;
  for (std::size_t i = 0; i < kTests; ++i) {
    int ones = 0;
    for (std::size_t row = 0; row < features.size(); ++row)
      ones += features.row(row)[i / 8] >> i % 8 & 1;
    const double mean = ones / static_cast<double>(features.size());
    EXPECT_GT(mean, 0.05) << i;
    EXPECT_LT(mean, 0.95) << i;
    away += std::abs(mean - 0.5) / kTests;
  }
  EXPECT_LT(away, most_away);
}

TEST(Pattern, OfBriefIsDrawnFromTheGaussian) {
  const TestPattern pattern = DrawGaussianPattern(kReach_px / 2.0, kReach_px, 1);
  EXPECT_EQ(pattern, DrawGaussianPattern(kReach_px / 2.0, kReach_px, 1));
  EXPECT_NE(pattern, DrawGaussianPattern(kReach_px / 2.0, kReach_px, 2));
  ExpectPlausible(pattern, 1, 0.08);
  // With a disc that is large enough not to cut anything off, the mean and spread are these.
  double sum = 0, squares = 0;
  for (const PixelTest& test : DrawGaussianPattern(10, 100, 3)) {
    for (const std::int8_t v : {test.x0, test.y0, test.x1, test.y1}) sum += v, squares += v * v;
  }
  EXPECT_NEAR(sum / (4 * kTests), 0, 1);
  EXPECT_NEAR(std::sqrt(squares / (4 * kTests)), 10, 0.7);
}

// A corner is brighter on the side to which its orientation points. The outcome of turned tests is
// therefore less even, and on drawn shapes less than on photos.
TEST(Pattern, OfOrbIsPlausible) { ExpectPlausible(kOrbPattern, kTurns, 0.15); }

TEST(BinaryTests, ComparePixelsOfTheSmoothedPatch) {
  const Image image = ToGrey(test::DrawTexture(7, 300, 220));
  const Pyramid pyramid = BuildPyramid(image, 3, 1.2, kPatch_px);
  const auto corners = FindOrientedCorners(pyramid, {.max_corners = 100});
  ASSERT_EQ(corners.size(), 100u);
  std::vector<BytePlane> smoothed(pyramid.levels.size());
  for (std::size_t i = 0; i < smoothed.size(); ++i)
    Smooth(pyramid.levels[i], BinaryOptions().taps, smoothed[i]);
  for (const int steps : {1, 64, kTurns}) {
    const auto rows = BinaryTests(kOrbPattern, steps).Describe(smoothed, corners);
    ASSERT_EQ(rows.size(), corners.size() * kTestRowBytes);
    for (std::size_t row = 0; row < corners.size(); ++row) {
      const OrientedCorner& corner = corners[row];
      const int step =
          static_cast<int>(std::lround(corner.turn * steps / static_cast<double>(kTurns))) % steps;
      const BytePlane& plane = smoothed[static_cast<std::size_t>(corner.level)];
      for (std::size_t i = 0; i < kTests; ++i) {
        const PixelTest test =
            Turn(kOrbPattern[i], static_cast<std::uint8_t>(step * (kTurns / steps)));
        const bool darker = plane.row(corner.y + test.y0)[corner.x + test.x0] <
                            plane.row(corner.y + test.y1)[corner.x + test.x1];
        ASSERT_EQ(rows[row * kTestRowBytes + i / 8] >> i % 8 & 1, darker) << steps;
      }
    }
  }
}

TEST(BinaryTests, TurnAsTheImageDoes) {
  const PixelTest test{10, 0, 0, -5};
  EXPECT_EQ(Turn(test, 0), test);
  EXPECT_EQ(Turn(test, 64), (PixelTest{0, 10, 5, 0}));  // clockwise with y down
  EXPECT_EQ(Turn(test, 128), (PixelTest{-10, 0, 0, 5}));
}

class BinaryMethod : public testing::TestWithParam<ExtractorOptions> {
 protected:
  static Features Extract(const Image& image) {
    return (*CreateExtractor(GetParam()))->Extract(image);
  }
};

TEST_P(BinaryMethod, TheSameOnEveryTarget) {
  const Image image = test::AddNoise(test::DrawTexture(8, 333, 251), 10, 3);
  const Features expected = Extract(image);
  ASSERT_GT(expected.size(), 500u);
  test::ForEachSimdTarget([&] {
    const Features features = Extract(image);
    EXPECT_EQ(features.descriptors, expected.descriptors);
    ASSERT_EQ(features.size(), expected.size());
    EXPECT_EQ(std::memcmp(features.keypoints.data(), expected.keypoints.data(),
                          features.size() * sizeof(Keypoint)),
              0);
  });
}

/// The share of an item's features whose nearest row in the turned photo is at the right place.
double ShareRight(const Features& of_item, const Features& of_photo, const Homography& h) {
  int right = 0;
  for (std::size_t i = 0; i < of_item.size(); ++i) {
    int best = std::numeric_limits<int>::max();
    std::size_t nearest = 0;
    for (std::size_t j = 0; j < of_photo.size(); ++j) {
      int distance = 0;
      for (std::size_t k = 0; k < of_item.row(i).size(); ++k) {
        distance += std::popcount(static_cast<unsigned>(of_item.row(i)[k] ^ of_photo.row(j)[k]));
      }
      if (distance < best) best = distance, nearest = j;
    }
    const Point expected = Transform(h, of_item.keypoints[i].point);
    const Point found = of_photo.keypoints[nearest].point;
    right += std::hypot(found.x_px - expected.x_px, found.y_px - expected.y_px) < 4;
  }
  return right / static_cast<double>(of_item.size());
}

TEST_P(BinaryMethod, HoldsUnderTheRotationThatItIsMadeFor) {
  const bool upright = GetParam().method == "brief" && !GetParam().brief_steered;
  const Image item = test::DrawTexture(9, 400, 300);
  const Features of_item = Extract(item);
  for (const int angle_deg : {0, 10, 45, 90, 135, 180, 250}) {
    const Homography h =
        test::Similarity(400, 300, 1, angle_deg * std::numbers::pi / 180, {300, 300});
    const double share = ShareRight(of_item, Extract(test::Warp(item, h, 600, 600, 0)), h);
    if (upright && angle_deg >= 45) {
      EXPECT_LT(share, 0.2) << angle_deg;
    } else {
      EXPECT_GT(share, 0.5) << angle_deg;
    }
  }
}

TEST_P(BinaryMethod, AnglesTurnWithTheImage) {
  const Image item = test::DrawTexture(10, 400, 300);
  const Features of_item = Extract(item);
  const Homography h = test::Similarity(400, 300, 1, 1.0, {300, 300});
  const Features of_photo = Extract(test::Warp(item, h, 600, 600, 0));
  if (GetParam().method == "brief" && !GetParam().brief_steered) {
    ASSERT_GT(of_photo.size(), 200u);
    for (const Keypoint& k : of_photo.keypoints) EXPECT_EQ(k.angle_rad, 0);
    return;
  }
  int found = 0, turned = 0;
  for (const Keypoint& k : of_item.keypoints) {
    const Point expected = Transform(h, k.point);
    for (const Keypoint& p : of_photo.keypoints) {
      const double away_px = std::hypot(p.point.x_px - expected.x_px, p.point.y_px - expected.y_px);
      if (p.size_px != k.size_px || away_px > 1.5) continue;
      ++found;
      turned +=
          std::abs(std::remainder(p.angle_rad - k.angle_rad - 1.0, 2 * std::numbers::pi)) < 0.25;
      break;
    }
  }
  ASSERT_GT(found, 200);
  EXPECT_GT(turned, found * 4 / 5);
}

TEST_P(BinaryMethod, ImagesDownToThePatch) {
  ExtractorOptions options = GetParam();
  options.min_side_px = 0;
  options.fast_threshold = 0;
  const auto extractor = std::move(*CreateExtractor(options));
  EXPECT_EQ(extractor->Extract(test::DrawTexture(11, kPatch_px - 1, 300)).size(), 0u);
  EXPECT_GT(
      extractor->Extract(test::AddNoise(test::DrawTexture(11, kPatch_px + 8, 300), 20, 1)).size(),
      20u);
}

INSTANTIATE_TEST_SUITE_P(Methods, BinaryMethod,
                         testing::Values(ExtractorOptions{.method = "brief"},
                                         ExtractorOptions{.method = "brief", .brief_steered = true},
                                         ExtractorOptions{.method = "orb"}),
                         [](const auto& test) {
                           return test.param.method + (test.param.brief_steered ? "_steered" : "");
                         });

}  // namespace
}  // namespace inlier
