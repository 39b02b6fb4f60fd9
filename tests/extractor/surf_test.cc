#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "extractor/box_hessian.h"
#include "extractor/methods.h"
#include "tests/extractor/grey_images.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

using test::At;
using test::DrawSpot;
using test::GreyImage;

constexpr double kPi = std::numbers::pi;

Features Extract(const Image& image, ExtractorOptions options = {.min_side_px = 0}) {
  options.method = "surf";
  return (*CreateExtractor(options))->Extract(image);
}

TEST(Surf, TheSignTellsBrightFromDark) {
  Image image = GreyImage(200, 100, 128);
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 200; ++x) {
      const double left = std::hypot(x - 50, y - 50), right = std::hypot(x - 150, y - 50);
      At(image, x, y) = static_cast<std::uint8_t>(128 + 90 * std::exp(-left * left / 50) -
                                                  90 * std::exp(-right * right / 50));
    }
  }
  int bright = 0, dark = 0;
  for (const Keypoint& k : Extract(image, {.min_side_px = 0}).keypoints) {
    if (std::hypot(k.point.x_px - 50, k.point.y_px - 50) < 3) bright += k.response < 0 ? 1 : 100;
    if (std::hypot(k.point.x_px - 150, k.point.y_px - 50) < 3) dark += k.response > 0 ? 1 : 100;
  }
  EXPECT_EQ(bright, 1);
  EXPECT_EQ(dark, 1);
}

TEST(Surf, EveryTargetGivesTheSameFeatures) {
  const Image image = test::DrawTexture(11, 500, 380);
  for (const bool extended : {false, true}) {
    const ExtractorOptions options{.surf_extended = extended};
    const Features expected = Extract(image, options);
    ASSERT_GT(expected.size(), 200u);
    int targets = 0;
    test::ForEachSimdTarget([&] {
      ++targets;
      const Features features = Extract(image, options);
      ASSERT_EQ(features.size(), expected.size());
      EXPECT_EQ(features.descriptors, expected.descriptors);
      for (std::size_t i = 0; i < features.size(); ++i) {
        EXPECT_EQ(features.keypoints[i].point.x_px, expected.keypoints[i].point.x_px);
        EXPECT_EQ(features.keypoints[i].size_px, expected.keypoints[i].size_px);
        EXPECT_EQ(features.keypoints[i].angle_rad, expected.keypoints[i].angle_rad);
      }
    });
    EXPECT_GE(targets, 2);
  }
}

TEST(Surf, FindsSpotsAtTheirPlaceAndScale) {
  for (const double sigma_px : {2.5, 4.0, 8.0, 16.0}) {
    for (const double height : {100.0, -100.0}) {
      Image image = GreyImage(300, 260, 128);
      DrawSpot(image, 150.4, 129.7, sigma_px, height);
      const Features features = Extract(image);
      ASSERT_GE(features.size(), 1u) << sigma_px;
      EXPECT_NEAR(features.keypoints[0].point.x_px, 150.4, 0.1 * sigma_px);
      EXPECT_NEAR(features.keypoints[0].point.y_px, 129.7, 0.1 * sigma_px);
      // Boxes respond most to spots that are 1.4 times as wide as the Gaussian that they stand for.
      EXPECT_NEAR(features.keypoints[0].size_px, 2 * sigma_px / 1.4, 0.2 * sigma_px);
    }
  }
}

TEST(Surf, OneFeatureWhereEqualMaximaLieSideBySide) {
  // The middle of a square of even side lies between four pixels.
  Image image = GreyImage(120, 120, 60);
  for (int y = 56; y < 64; ++y) {
    for (int x = 56; x < 64; ++x) At(image, x, y) = 200;
  }
  const Features features = Extract(image);
  const auto in_the_middle = std::ranges::count_if(features.keypoints, [](const Keypoint& k) {
    return std::hypot(k.point.x_px - 59.5, k.point.y_px - 59.5) < 1;
  });
  EXPECT_EQ(in_the_middle, 1);
}

TEST(Surf, NoTwoFeaturesAtOnePlaceAndScale) {
  const Features features = Extract(test::DrawTexture(12, 500, 400), {.max_features = 20'000});
  ASSERT_GT(features.size(), 300u);
  for (std::size_t i = 0; i < features.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Keypoint &a = features.keypoints[i], &b = features.keypoints[j];
      const double apart = std::hypot(a.point.x_px - b.point.x_px, a.point.y_px - b.point.y_px);
      const auto [fine, coarse] = std::minmax(a.size_px, b.size_px);
      EXPECT_FALSE(apart < 0.4 * fine && coarse < 1.4 * fine)
          << a.point.x_px << ',' << a.point.y_px;
    }
  }
}

TEST(Surf, ASmallerBudgetKeepsTheStrongest) {
  const Image image = test::DrawTexture(13, 500, 400);
  const Features all = Extract(image, {.max_features = 300}),
                 few = Extract(image, {.max_features = 100});
  ASSERT_EQ(all.size(), 300u);
  ASSERT_EQ(few.size(), 100u);
  EXPECT_TRUE(std::equal(few.descriptors.begin(), few.descriptors.end(), all.descriptors.begin()));
  EXPECT_TRUE(std::ranges::is_sorted(all.keypoints, std::greater(),
                                     [](const Keypoint& k) { return std::abs(k.response); }));
}

TEST(Surf, AHigherThresholdKeepsFewer) {
  const Image image = test::DrawTexture(14, 500, 400);
  const auto count = [&](double threshold) {
    return Extract(image, {.max_features = 20'000, .hessian_threshold = threshold}).size();
  };
  EXPECT_GT(count(0.00005), count(0.001));
  EXPECT_GT(count(0.001), count(0.01));
  for (const Keypoint& k : Extract(image, {.hessian_threshold = 0.01}).keypoints)
    EXPECT_GT(std::abs(k.response), 0.01f);
}

TEST(Surf, TurnsWithTheImage) {
  const Image image = ToGrey(test::DrawTexture(15, 401, 301));
  Image turned = GreyImage(301, 401, 0);  // clockwise by 90 degrees
  for (int y = 0; y < 301; ++y) {
    for (int x = 0; x < 401; ++x) At(turned, 300 - y, x) = At(image, x, y);
  }
  const Features before = Extract(image), after = Extract(turned);
  ASSERT_GT(before.size(), 200u);
  std::size_t found = 0;
  for (const Keypoint& k : before.keypoints) {
    found += std::ranges::any_of(after.keypoints, [&](const Keypoint& o) {
      return std::hypot(o.point.x_px - (300 - k.point.y_px), o.point.y_px - k.point.x_px) < 0.1 &&
             std::abs(std::remainder(o.angle_rad - k.angle_rad - kPi / 2, 2 * kPi)) < 0.1;
    });
  }
  // The coarser octaves look at every second or fourth pixel from the top left corner, which is
  // another corner of the turned image.
  EXPECT_GT(static_cast<double>(found), 0.8 * static_cast<double>(before.size()));
}

/// The share of an item's features whose nearest row in a photo is at the right place.
double ShareFound(const ExtractorOptions& options, double angle_rad, double scale) {
  const Image item = test::DrawTexture(16, 400, 300);
  const Homography h = test::Similarity(400, 300, scale, angle_rad, {320, 300});
  const Features of_item = Extract(item, options),
                 of_photo = Extract(test::Warp(item, h, 640, 600, 0), options);
  int right = 0;
  for (std::size_t i = 0; i < of_item.size(); ++i) {
    int best = std::numeric_limits<int>::max();
    std::size_t nearest = 0;
    for (std::size_t j = 0; j < of_photo.size(); ++j) {
      int sum = 0;
      for (std::size_t k = 0; k < of_item.descriptor_bytes; ++k) {
        const int difference = of_item.row(i)[k] - of_photo.row(j)[k];
        sum += difference * difference;
      }
      if (sum < best) {
        best = sum;
        nearest = j;
      }
    }
    const Point expected = Transform(h, of_item.keypoints[i].point),
                found = of_photo.keypoints[nearest].point;
    right += std::hypot(found.x_px - expected.x_px, found.y_px - expected.y_px) < 4;
  }
  return of_item.size() > 0 ? static_cast<double>(right) / static_cast<double>(of_item.size()) : 0;
}

TEST(Surf, FindsPlacesAgainByTheirRows) {
  for (const bool extended : {false, true}) {
    const ExtractorOptions options{
        .max_features = 500, .min_side_px = 0, .surf_extended = extended};
    EXPECT_GT(ShareFound(options, 0, 1), 0.6);
    EXPECT_GT(ShareFound(options, 0, 1.4), 0.35);
    EXPECT_GT(ShareFound(options, 1.0, 1), 0.5);
    EXPECT_GT(ShareFound(options, kPi, 1.2), 0.5);
  }
}

TEST(Surf, UprightFindsOnlyWhatIsNotTurned) {
  const ExtractorOptions options{.max_features = 500, .min_side_px = 0, .surf_upright = true};
  EXPECT_GT(ShareFound(options, 0, 1), 0.8);
  EXPECT_GT(ShareFound(options, 0.1, 1.2), 0.5);
  EXPECT_LT(ShareFound(options, kPi / 2, 1), 0.1);
  for (const Keypoint& k : Extract(test::DrawTexture(16, 300, 300), options).keypoints)
    EXPECT_EQ(k.angle_rad, 0);
}

TEST(Surf, RowsAreOf64Or128Bytes) {
  const Image image = test::DrawTexture(17, 300, 300);
  EXPECT_EQ(Extract(image).descriptor_bytes, 64);
  const Features extended = Extract(image, {.surf_extended = true});
  EXPECT_EQ(extended.descriptor_bytes, 128);
  EXPECT_EQ(extended.descriptors.size(), extended.size() * 128);
}

TEST(Surf, RowsUseTheRangeOfABytes) {
  for (const bool extended : {false, true}) {
    const Features features = Extract(test::DrawTexture(18, 500, 400), {.surf_extended = extended});
    ASSERT_GT(features.size(), 200u);
    std::size_t clipped = 0;
    int lowest = 255, highest = 0;
    for (const std::uint8_t byte : features.descriptors) {
      lowest = std::min<int>(lowest, byte);
      highest = std::max<int>(highest, byte);
      clipped += byte == 255;
    }
    EXPECT_LT(lowest, 30);
    EXPECT_GT(highest, 200);
    EXPECT_LT(static_cast<double>(clipped),
              0.002 * static_cast<double>(features.descriptors.size()));
  }
}

TEST(Surf, ContrastTurnsTheSignedSumsAround) {
  const Image image = ToGrey(test::DrawTexture(19, 300, 240));
  Image negative = image;
  for (std::uint8_t& pixel : negative.pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
  const ExtractorOptions options{.min_side_px = 0, .surf_upright = true};
  const Features a = Extract(image, options), b = Extract(negative, options);
  ASSERT_GT(a.size(), 100u);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a.keypoints[i].point.x_px, b.keypoints[i].point.x_px);
    for (std::size_t k = 0; k < 64; k += 2) {
      const int left = a.row(i)[k], right = b.row(i)[k];
      if (std::min(left, right) > 0 && std::max(left, right) < 255) {
        ASSERT_NEAR(left + right, 256, 1);
      }
      ASSERT_EQ(a.row(i)[k + 1], b.row(i)[k + 1]);
    }
  }
}

TEST(Surf, FiltersStayInsideTheImage) {
  const Features features = Extract(test::DrawTexture(20, 500, 400), {.max_features = 20'000});
  ASSERT_GT(features.size(), 300u);
  for (const Keypoint& k : features.keypoints) {
    // The refined blob may be smaller than the filter that found it, and a step away from it.
    const double half = k.size_px / 2 / kSigmaOfSize / 2, room = 0.9 * half - 1;
    EXPECT_GE(std::min({k.point.x_px, k.point.y_px, 499 - k.point.x_px, 399 - k.point.y_px}), room);
  }
}

TEST(Surf, ImagesSmallerThanTheFiltersAreEmptySets) {
  // The finest scale compares filters of 9, 15 and 21 px in a neighbourhood of 3 pixels.
  for (const auto& [width_px, height_px] :
       {std::pair(1, 1), std::pair(8, 8), std::pair(22, 22), std::pair(22, 800), std::pair(800, 22),
        std::pair(9, 2000)}) {
    EXPECT_EQ(Extract(test::DrawTexture(21, width_px, height_px)).size(), 0u)
        << width_px << " by " << height_px;
  }
  for (const auto& [width_px, height_px] :
       {std::pair(23, 23), std::pair(23, 800), std::pair(800, 23)}) {
    Image image = GreyImage(width_px, height_px, 60);
    DrawSpot(image, width_px / 2, height_px / 2, 2.2, 150);
    EXPECT_EQ(Extract(image).size(), 1u) << width_px << " by " << height_px;
  }
}

TEST(Surf, DarkPhotosHaveFeaturesToo) {
  Image dark = ToGrey(test::DrawTexture(22, 600, 450));
  for (std::uint8_t& pixel : dark.pixels) pixel /= 8;
  EXPECT_GT(Extract(dark).size(), 200u);
}

}  // namespace
}  // namespace inlier
