#include "extractor/fast_corners.h"

#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/features2d.hpp>

#include "tests/extractor/planes.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

constexpr std::array<std::array<int, 2>, 16> kCircle = {{{0, -3},
                                                         {1, -3},
                                                         {2, -2},
                                                         {3, -1},
                                                         {3, 0},
                                                         {3, 1},
                                                         {2, 2},
                                                         {1, 3},
                                                         {0, 3},
                                                         {-1, 3},
                                                         {-2, 2},
                                                         {-3, 1},
                                                         {-3, 0},
                                                         {-3, -1},
                                                         {-2, -2},
                                                         {-1, -3}}};

/// The lowest threshold at which the pixel is no corner, found as in the definition, over all arcs
/// of nine.
int ScoreByDefinition(const BytePlane& image, int x, int y) {
  int best = 0;
  for (std::size_t first = 0; first < 16; ++first) {
    for (const int sign : {1, -1}) {
      int least = 255;
      for (std::size_t i = 0; i < 9; ++i) {
        const auto [dx, dy] = kCircle[(first + i) % 16];
        least = std::min(least, sign * (image.row(y + dy)[x + dx] - image.row(y)[x]));
      }
      best = std::max(best, least);
    }
  }
  return best;
}

std::vector<FastCorner> CornersByDefinition(const BytePlane& image, int threshold, int border) {
  std::vector<FastCorner> out;
  const auto score = [&](int x, int y) {
    const int s = ScoreByDefinition(image, x, y);
    return s > threshold ? s : 0;
  };
  for (int y = border; y < image.height - border; ++y) {
    for (int x = border; x < image.width - border; ++x) {
      const int s = score(x, y);
      bool peak = s > 0;
      for (int dy = -1; dy <= 1 && peak; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if (dx == 0 && dy == 0) continue;
          const bool before = dy < 0 || (dy == 0 && dx < 0);
          peak = peak && (before ? s > score(x + dx, y + dy) : s >= score(x + dx, y + dy));
        }
      }
      if (peak) out.push_back({x, y, static_cast<std::uint8_t>(s)});
    }
  }
  return out;
}

bool Same(const std::vector<FastCorner>& a, const std::vector<FastCorner>& b) {
  return std::ranges::equal(a, b, [](const FastCorner& p, const FastCorner& q) {
    return p.x == q.x && p.y == q.y && p.score == q.score;
  });
}

TEST(FastCorners, AreThoseOfTheDefinitionOnEveryTarget) {
  const BytePlane drawn = test::PlaneOf(test::DrawTexture(3, 211, 97));
  const BytePlane noisy = test::PlaneOf(test::AddNoise(test::DrawTexture(4, 131, 80), 40, 1));
  for (const BytePlane* image : {&drawn, &noisy}) {
    for (const int threshold : {0, 8, 30}) {
      for (const int border : {4, 15}) {
        const auto expected = CornersByDefinition(*image, threshold, border);
        ASSERT_GT(expected.size(), 10u);
        test::ForEachSimdTarget([&] {
          EXPECT_TRUE(Same(FindFastCorners(*image, threshold, border), expected)) << threshold;
        });
      }
    }
  }
}

// OpenCV drops both of two neighbours with the same score, so its corners are a subset of ours.
TEST(FastCorners, HoldThoseOfOpenCv) {
  const BytePlane image = test::PlaneOf(test::DrawTexture(5, 300, 200));
  const cv::Mat mat(image.height, image.width, CV_8UC1, image.data.get(), image.stride);
  std::vector<cv::KeyPoint> keypoints;
  cv::FAST(mat, keypoints, 12, true, cv::FastFeatureDetector::TYPE_9_16);
  std::erase_if(keypoints, [](const cv::KeyPoint& k) {
    return k.pt.x < 4 || k.pt.y < 4 || k.pt.x >= 296 || k.pt.y >= 196;
  });
  ASSERT_GT(keypoints.size(), 200u);
  const auto ours = FindFastCorners(image, 12, 4);
  for (const cv::KeyPoint& k : keypoints) {
    // OpenCV's score is the highest threshold at which the pixel is still a corner.
    EXPECT_TRUE(std::ranges::any_of(ours,
                                    [&k](const FastCorner& corner) {
                                      return corner.x == static_cast<int>(k.pt.x) &&
                                             corner.y == static_cast<int>(k.pt.y) &&
                                             corner.score == static_cast<int>(k.response) + 1;
                                    }))
        << k.pt.x << ',' << k.pt.y;
  }
  EXPECT_LT(ours.size(), keypoints.size() * 5 / 4);
}

TEST(FastCorners, WholeRangeOfGreyLevels) {
  BytePlane image(40, 40);
  for (int y = 0; y < 40; ++y) std::fill_n(image.row(y), 40, std::uint8_t{0});
  image.row(20)[20] = 255;
  const auto spot = FindFastCorners(image, 254, 4);
  ASSERT_EQ(spot.size(), 1u);
  EXPECT_EQ(spot[0].x, 20);
  EXPECT_EQ(spot[0].y, 20);
  EXPECT_EQ(spot[0].score, 255);
  EXPECT_TRUE(FindFastCorners(image, 255, 4).empty());
}

TEST(FastCorners, NoneInOneColourOnEdgesOrInSmallImages) {
  BytePlane plain(100, 50);
  for (int y = 0; y < 50; ++y) std::fill_n(plain.row(y), 100, std::uint8_t{77});
  EXPECT_TRUE(FindFastCorners(plain, 0, 4).empty());
  for (int y = 0; y < 50; ++y) std::fill_n(plain.row(y), 50, std::uint8_t{10});
  EXPECT_TRUE(FindFastCorners(plain, 5, 4).empty());
  for (const auto& [width, height] :
       std::vector<std::pair<int, int>>{{1, 1}, {7, 300}, {8, 8}, {300, 8}}) {
    EXPECT_TRUE(FindFastCorners(test::PlaneOf(test::DrawTexture(6, width, height)), 0, 0).empty());
  }
  EXPECT_FALSE(FindFastCorners(test::PlaneOf(test::DrawTexture(6, 300, 12)), 0, 0).empty());
}

TEST(IsBrightCorner, IsTheSideOfTheArc) {
  const BytePlane plane = test::PlaneOf(test::DrawTexture(9, 300, 200));
  BytePlane negative(300, 200);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 300; ++x)
      negative.row(y)[x] = static_cast<std::uint8_t>(255 - plane.row(y)[x]);
  }
  int bright = 0;
  const auto corners = FindFastCorners(plane, 10, 8);
  for (const FastCorner& corner : corners) {
    bright += IsBrightCorner(plane, corner.x, corner.y);
    EXPECT_NE(IsBrightCorner(plane, corner.x, corner.y),
              IsBrightCorner(negative, corner.x, corner.y));
  }
  EXPECT_GT(bright, static_cast<int>(corners.size()) / 10);
  EXPECT_LT(bright, static_cast<int>(corners.size()) * 9 / 10);
}

}  // namespace
}  // namespace inlier
