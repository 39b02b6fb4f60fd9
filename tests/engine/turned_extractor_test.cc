#include "engine/turned_extractor.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <numbers>

#include <gtest/gtest.h>

#include "extractor/methods.h"
#include "tests/support/drawn.h"

namespace inlier {
namespace {

// How many of the points have one of the others within 2 px of the picture in full.
double ShareAtSamePlaces(const Features& some, const Features& others) {
  const auto found = std::ranges::count_if(some.keypoints, [&](const Keypoint& k) {
    return std::ranges::any_of(others.keypoints, [&](const Keypoint& other) {
      return std::hypot(k.point.x_px - other.point.x_px, k.point.y_px - other.point.y_px) < 2;
    });
  });
  return static_cast<double>(found) / static_cast<double>(some.size());
}

TEST(TurnedExtractor, PointsAndAnglesAreThoseOfTheImageAsItIs) {
  // BRIEF's tests are upright, so its angles are those of the turn alone.
  const auto upright = std::move(*CreateExtractor({.method = "brief"}));
  Image image = test::DrawTexture(1, 500, 350);
  for (const int full : {1, 2}) {
    image.full_width_px = full == 1 ? 0 : 1000;
    image.full_height_px = full == 1 ? 0 : 700;
    const Features features = upright->Extract(image);
    for (const int quarters : {0, 1, 2, 3}) {
      const Features turned = TurnedExtractor(*upright, quarters).Extract(image);
      EXPECT_EQ(turned.image_width_px, 500u * static_cast<unsigned>(full));
      EXPECT_EQ(turned.image_height_px, 350u * static_cast<unsigned>(full));
      EXPECT_GT(turned.size(), 300u);
      EXPECT_GT(ShareAtSamePlaces(turned, features), 0.8) << full << ", " << quarters;
      for (const Keypoint& k : turned.keypoints)
        EXPECT_NEAR(k.angle_rad, (4 - quarters) % 4 * std::numbers::pi / 2, 1e-5);
    }
  }
}

TEST(TurnedExtractor, DescribesWhatATurnedPhotoShows) {
  const auto upright = std::move(*CreateExtractor({.method = "brief"}));
  const Image image = test::DrawTexture(2, 401, 301);
  // The photo shows the image turned clockwise by a quarter; three more make it upright.
  const Homography quarter = test::Similarity(401, 301, 1, std::numbers::pi / 2, {150, 200});
  const Features turned =
      TurnedExtractor(*upright, 3).Extract(test::Warp(image, quarter, 301, 401, 0));
  const Features straight = upright->Extract(image);
  std::size_t alike = 0;
  for (std::size_t i = 0; i < straight.size(); ++i) {
    const Point expected = Transform(quarter, straight.keypoints[i].point);
    for (std::size_t j = 0; j < turned.size(); ++j) {
      if (std::hypot(turned.keypoints[j].point.x_px - expected.x_px,
                     turned.keypoints[j].point.y_px - expected.y_px) > 1)
        continue;
      int bits = 0;
      for (std::size_t k = 0; k < straight.descriptor_bytes; ++k)
        bits += std::popcount(static_cast<unsigned>(straight.row(i)[k] ^ turned.row(j)[k]));
      if (bits < 40) {
        ++alike;
        break;
      }
    }
  }
  EXPECT_GT(static_cast<double>(alike), 0.6 * static_cast<double>(straight.size()));
}

}  // namespace
}  // namespace inlier
