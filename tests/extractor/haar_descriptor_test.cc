#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "extractor/haar_descriptor.h"
#include "extractor/integral_image.h"
#include "tests/extractor/grey_images.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

using test::At;
using test::GreyImage;
using test::Sum;

constexpr double kPi = std::numbers::pi;

struct Slope {
  double dx = 0, dy = 0;
};

// The right minus the left half, and the lower minus the upper half, of a square around the pixel
// corner nearest to a point.
Slope SlowHaar(const Image& grey, double x_px, double y_px, int half) {
  const int x = static_cast<int>(std::floor(x_px + 1)), y = static_cast<int>(std::floor(y_px + 1));
  if (x < half || y < half || x + half > grey.width_px || y + half > grey.height_px) return {};
  return {Sum(grey, x, y - half, x + half, y + half) - Sum(grey, x - half, y - half, x, y + half),
          Sum(grey, x - half, y, x + half, y + half) - Sum(grey, x - half, y - half, x + half, y)};
}

Direction SlowDirection(const Image& grey, const Blob& blob) {
  struct Sample {
    double angle, dx, dy;
  };
  std::vector<Sample> samples;
  const int half = static_cast<int>(std::lround(2.5 * blob.sigma_px));
  for (int v = -6; v <= 6; ++v) {
    for (int u = -6; u <= 6; ++u) {
      if (u * u + v * v >= 36) continue;
      const Slope s = SlowHaar(grey, blob.x_px + static_cast<float>(u) * blob.sigma_px,
                               blob.y_px + static_cast<float>(v) * blob.sigma_px, half);
      const double weight = std::exp(-(u * u + v * v) / 8.0), angle = std::atan2(s.dy, s.dx);
      samples.push_back({angle < 0 ? angle + 2 * kPi : angle, s.dx * weight, s.dy * weight});
    }
  }
  double best = 0, best_x = 1, best_y = 0;
  for (int start = 0; start < 72; ++start) {
    double x = 0, y = 0;
    for (const Sample& s : samples) {
      const double into = std::fmod(s.angle - start * kPi / 36 + 2 * kPi + 1e-9, 2 * kPi);
      if (into >= kPi / 3) continue;
      x += s.dx;
      y += s.dy;
    }
    if (x * x + y * y <= best) continue;
    best = x * x + y * y;
    best_x = x;
    best_y = y;
  }
  const double length = std::hypot(best_x, best_y);
  return {static_cast<float>(best_x / length), static_cast<float>(best_y / length)};
}

// Places in the middle, at every border and outside. None of their samples lies where rounding
// could go either way.
const std::vector<Blob> kPlaces = {{120.1f, 80.3f, 2.5f, 1},  {61.7f, 40.2f, 1.75f, 1},
                                   {4.1f, 5.3f, 3.5f, 1},     {195.2f, 80.1f, 5.0f, 1},
                                   {100.3f, 157.2f, 2.0f, 1}, {100.1f, 80.2f, 12.5f, 1}};

TEST(DominantDirection, AgreesWithSumsOfPixelsOnEveryTarget) {
  const Image grey = ToGrey(test::DrawTexture(4, 200, 160));
  const IntegralImage image(grey);
  for (const Blob& place : kPlaces) {
    const Direction expected = SlowDirection(grey, place);
    test::ForEachSimdTarget([&] {
      const Direction found = DominantDirection(image, place);
      EXPECT_NEAR(found.cosine, expected.cosine, 1e-3) << place.x_px;
      EXPECT_NEAR(found.sine, expected.sine, 1e-3) << place.x_px;
    });
  }
}

TEST(DominantDirection, PointsUpARamp) {
  Image ramp = GreyImage(120, 120, 0);
  for (const double angle : {0.0, 0.5, 2.0, 4.0, 6.0}) {
    for (int y = 0; y < 120; ++y) {
      for (int x = 0; x < 120; ++x) {
        const double along = (x - 60) * std::cos(angle) + (y - 60) * std::sin(angle);
        At(ramp, x, y) = static_cast<std::uint8_t>(std::lround(128 + along));
      }
    }
    const Direction found = DominantDirection(IntegralImage(ramp), {60, 60, 3, 1});
    EXPECT_NEAR(found.cosine, std::cos(angle), 0.03);
    EXPECT_NEAR(found.sine, std::sin(angle), 0.03);
  }
}

TEST(DominantDirection, IsRightWhereNothingCanBeSeen) {
  const IntegralImage flat(GreyImage(100, 100, 90));
  EXPECT_EQ(DominantDirection(flat, {50, 50, 3, 1}).cosine, 1);
  EXPECT_EQ(DominantDirection(flat, {50, 50, 3, 1}).sine, 0);
  const IntegralImage small(ToGrey(test::DrawTexture(5, 10, 10)));
  EXPECT_EQ(DominantDirection(small, {5, 5, 3, 1}).cosine, 1);
}

// For each subregion the sums of dx, |dx|, dy and |dy|, each split by the sign of the other slope.
std::array<std::array<double, 8>, 16> SlowSums(const Image& grey, const Blob& blob,
                                               Direction right) {
  std::array<std::array<double, 8>, 16> sums{};
  const int half = static_cast<int>(std::lround(2 * blob.sigma_px));
  for (int j = 0; j < 20; ++j) {
    for (int i = 0; i < 20; ++i) {
      const double u = i - 9.5, v = j - 9.5, c = right.cosine, s = right.sine;
      const Slope slope = SlowHaar(grey, blob.x_px + blob.sigma_px * (u * c - v * s),
                                   blob.y_px + blob.sigma_px * (u * s + v * c), half);
      const double dx = slope.dx * c + slope.dy * s, dy = slope.dy * c - slope.dx * s;
      for (int region = 0; region < 16; ++region) {
        const double far_u = std::abs(u - (region % 4 * 5 - 7.5)) / 5,
                     far_v = std::abs(v - (region / 4 * 5 - 7.5)) / 5;
        if (far_u >= 1 || far_v >= 1) continue;
        const double weight =
            (1 - far_u) * (1 - far_v) * std::exp(-(u * u + v * v) / (2 * 7.0 * 7.0));
        auto& to = sums[static_cast<std::size_t>(region)];
        const std::size_t x = dy < 0 ? 0 : 2, y = dx < 0 ? 4 : 6;
        to[x] += weight * dx;
        to[x + 1] += weight * std::abs(dx);
        to[y] += weight * dy;
        to[y + 1] += weight * std::abs(dy);
      }
    }
  }
  return sums;
}

TEST(HaarSums, AgreeWithSumsOfPixelsOnEveryTarget) {
  const Image grey = ToGrey(test::DrawTexture(6, 200, 160));
  const IntegralImage image(grey);
  for (const Blob& place : kPlaces) {
    for (const Direction right :
         {Direction{1, 0}, Direction{0.764842f, 0.644218f}, Direction{-0.725932f, -0.687766f}}) {
      const auto expected = SlowSums(grey, place, right);
      double largest = 0;
      for (const auto& region : expected)
        largest = std::max(largest, *std::max_element(region.begin(), region.end()));
      ASSERT_GT(largest, 100);
      test::ForEachSimdTarget([&] {
        const auto sums = HaarSums(image, place, right);
        const auto extended = ExtendedHaarSums(image, place, right);
        for (std::size_t r = 0; r < 16; ++r) {
          for (std::size_t i = 0; i < 8; ++i) {
            ASSERT_NEAR(extended[r * 8 + i], expected[r][i], 1e-4 * largest) << place.x_px;
          }
          for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t at = i / 2 * 4 + i % 2;
            ASSERT_NEAR(sums[r * 4 + i], expected[r][at] + expected[r][at + 2], 1e-4 * largest)
                << place.x_px;
          }
        }
      });
    }
  }
}

}  // namespace
}  // namespace inlier
