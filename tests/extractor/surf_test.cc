#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "extractor/box_hessian.h"
#include "extractor/haar_descriptor.h"
#include "extractor/integral_image.h"
#include "extractor/methods.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

constexpr double kPi = std::numbers::pi;

Image GreyImage(int width_px, int height_px, std::uint8_t level) {
  Image image{.width_px = width_px, .height_px = height_px, .channels = 1};
  image.pixels.assign(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px),
                      level);
  return image;
}

std::uint8_t& At(Image& image, int x, int y) {
  const auto width = static_cast<std::size_t>(image.width_px);
  return image.pixels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
}

/// A bright or dark spot, Gaussian, on grey.
void DrawSpot(Image& image, double x_px, double y_px, double sigma_px, double height) {
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x) {
      const double squares = (x - x_px) * (x - x_px) + (y - y_px) * (y - y_px);
      At(image, x, y) = static_cast<std::uint8_t>(
          std::lround(At(image, x, y) + height * std::exp(-squares / (2 * sigma_px * sigma_px))));
    }
  }
}

/// Sum of the pixels from (x0, y0) to before (x1, y1), one by one.
double Sum(const Image& grey, int x0, int y0, int x1, int y1) {
  double sum = 0;
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) sum += At(const_cast<Image&>(grey), x, y);
  }
  return sum;
}

Features Extract(const Image& image, ExtractorOptions options = {.min_side_px = 0}) {
  options.method = "surf";
  return (*CreateExtractor(options))->Extract(image);
}

TEST(IntegralImage, SumsOfAllPixelsAboveAndLeft) {
  for (const auto& [width_px, height_px] :
       {std::pair(1, 1), std::pair(37, 21), std::pair(64, 3), std::pair(1023, 2)}) {
    const Image grey = ToGrey(test::DrawTexture(1, width_px, height_px));
    const IntegralImage sums(grey);
    ASSERT_GT(sums.stride(), static_cast<std::size_t>(width_px));
    for (int y = 0; y <= height_px; ++y) {
      for (int x = 0; x <= width_px; x += std::max(1, width_px / 8)) {
        ASSERT_EQ(sums.row(y)[x], Sum(grey, 0, 0, x, y)) << x << ',' << y;
      }
    }
  }
}

TEST(IntegralImage, SumIsOfTheBox) {
  const Image grey = ToGrey(test::DrawTexture(2, 60, 40));
  const IntegralImage sums(grey);
  EXPECT_EQ(sums.Sum(7, 5, 31, 38), Sum(grey, 7, 5, 31, 38));
  EXPECT_EQ(sums.Sum(7, 5, 7, 38), 0u);
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

TEST(IntegralImage, BoxesComeRightBeyond32Bits) {
  Image white = GreyImage(4200, 4100, 255);
  ASSERT_GT(255.0 * 4200 * 4100, 4294967296.0);
  At(white, 4150, 4050) = 0;
  const IntegralImage sums(white);
  const std::uint32_t box =
      sums.row(4100)[4200] - sums.row(4000)[4200] - sums.row(4100)[4100] + sums.row(4000)[4100];
  EXPECT_EQ(box, 255u * (100 * 100 - 1));
  const std::vector<float> row = HessianRow(sums, 27, 1, 4050);
  EXPECT_GT(row[4150], 0);
  EXPECT_EQ(row[4100], 0);
}

struct Derivatives {
  double xx, yy, xy;
  double determinant() const { return xx * yy - 0.81 * xy * xy; }
};

// Bay et al., figure 3, scaled: lobes a third of the filter wide.
Derivatives SlowDerivatives(const Image& grey, int size_px, int x, int y) {
  const int lobe = size_px / 3, half = size_px / 2, middle = lobe / 2;
  const double area = 255.0 * size_px * size_px;
  return {
      (Sum(grey, x - half, y - lobe + 1, x + half + 1, y + lobe) -
       3 * Sum(grey, x - middle, y - lobe + 1, x + middle + 1, y + lobe)) /
          area,
      (Sum(grey, x - lobe + 1, y - half, x + lobe, y + half + 1) -
       3 * Sum(grey, x - lobe + 1, y - middle, x + lobe, y + middle + 1)) /
          area,
      (Sum(grey, x - lobe, y - lobe, x, y) + Sum(grey, x + 1, y + 1, x + lobe + 1, y + lobe + 1) -
       Sum(grey, x + 1, y - lobe, x + lobe + 1, y) - Sum(grey, x - lobe, y + 1, x, y + lobe + 1)) /
          area};
}

TEST(HessianRow, AgreesWithSumsOfPixelsOnEveryTarget) {
  const Image grey = ToGrey(test::DrawTexture(2, 151, 120));
  const IntegralImage image(grey);
  test::ForEachSimdTarget([&] {
    for (const auto& [size_px, step_px] : {std::pair(9, 1), std::pair(15, 1), std::pair(27, 2),
                                           std::pair(51, 4), std::pair(99, 8)}) {
      const int half = size_px / 2;
      for (const int y : {0, half - 1, half, 60, 119 - half, 120 - half, 119}) {
        const std::vector<float> row = HessianRow(image, size_px, step_px, y);
        ASSERT_EQ(row.size(), static_cast<std::size_t>((151 + step_px - 1) / step_px));
        for (std::size_t i = 0; i < row.size(); ++i) {
          const int x = static_cast<int>(i) * step_px;
          if (x < half || y < half || x + half >= 151 || y + half >= 120) {
            ASSERT_EQ(row[i], 0) << size_px << " at " << x << ',' << y;
            continue;
          }
          const Derivatives d = SlowDerivatives(grey, size_px, x, y);
          const double rounding = 1e-6 * (std::abs(d.xx * d.yy) + d.xy * d.xy) + 1e-12;
          ASSERT_NEAR(row[i], d.determinant(), rounding) << size_px << " at " << x << ',' << y;
        }
      }
    }
  });
}

// The definition: larger than or equal to 26 neighbours, and the peak of the quadratic less than a
// step away.
std::vector<Blob> SlowBlobs(const IntegralImage& image, const BoxOctave& octave, float threshold) {
  const int step = octave.step_px;
  const int width = (image.width_px() + step - 1) / step,
            height = (image.height_px() + step - 1) / step;
  std::array<std::vector<std::vector<float>>, 4> layers;
  for (std::size_t l = 0; l < 4; ++l) {
    for (int y = 0; y < height; ++y)
      layers[l].push_back(HessianRow(image, octave.sizes_px[l], step, y * step));
  }
  std::vector<Blob> blobs;
  for (int y = 1; y + 1 < height; ++y) {
    for (std::size_t l = 1; l <= 2; ++l) {
      const int half = octave.sizes_px[l + 1] / 2;
      for (int x = 1; x + 1 < width; ++x) {
        if ((x - 1) * step < half || (y - 1) * step < half ||
            (x + 1) * step + half >= image.width_px() ||
            (y + 1) * step + half >= image.height_px()) {
          continue;
        }
        const auto value = [&](int dx, int dy, int dl) -> double {
          const auto& layer = layers[l + static_cast<std::size_t>(dl)];
          return layer[static_cast<std::size_t>(y + dy)][static_cast<std::size_t>(x + dx)];
        };
        const double v = value(0, 0, 0);
        bool largest = v > threshold;
        for (int i = 0; i < 27; ++i)
          largest = largest && v >= value(i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1);
        if (!largest) continue;
        cv::Matx33d hessian;
        cv::Vec3d gradient;
        const auto along = [&](int axis, int i) {
          return std::array{axis == 0 ? i : 0, axis == 1 ? i : 0, axis == 2 ? i : 0};
        };
        for (int a = 0; a < 3; ++a) {
          const auto p = along(a, 1);
          const double after = value(p[0], p[1], p[2]), before = value(-p[0], -p[1], -p[2]);
          gradient[a] = (after - before) / 2;
          hessian(a, a) = after + before - 2 * v;
          for (int b = 0; b < a; ++b) {
            const auto q = along(b, 1);
            const auto corner = [&](int i, int j) {
              return value(i * p[0] + j * q[0], i * p[1] + j * q[1], i * p[2] + j * q[2]);
            };
            hessian(a, b) = hessian(b, a) =
                (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / 4;
          }
        }
        const cv::Vec3d offset = -(hessian.inv() * gradient);
        if (std::max({std::abs(offset[0]), std::abs(offset[1]), std::abs(offset[2])}) >= 1)
          continue;
        const double size =
            octave.sizes_px[l] + offset[2] * (octave.sizes_px[1] - octave.sizes_px[0]);
        blobs.push_back(
            {static_cast<float>((x + offset[0]) * step), static_cast<float>((y + offset[1]) * step),
             static_cast<float>(size * 1.2 / 9), static_cast<float>(v + gradient.dot(offset) / 2)});
      }
    }
  }
  return blobs;
}

TEST(FindBlobs, AgreesWithTheDefinitionOnEveryTarget) {
  const IntegralImage image(ToGrey(test::DrawTexture(3, 330, 250)));
  for (const BoxOctave& octave : {BoxOctave{1, {9, 15, 21, 27}}, BoxOctave{2, {15, 27, 39, 51}},
                                  BoxOctave{4, {27, 51, 75, 99}}}) {
    const std::vector<Blob> expected = SlowBlobs(image, octave, 0.0005f);
    ASSERT_GT(expected.size(), 10u);
    test::ForEachSimdTarget([&] {
      const std::vector<Blob> found = FindBlobs(image, octave, 0.0005f);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found[i].x_px, expected[i].x_px, 0.01);
        EXPECT_NEAR(found[i].y_px, expected[i].y_px, 0.01);
        EXPECT_NEAR(found[i].sigma_px, expected[i].sigma_px, 0.01);
        EXPECT_NEAR(found[i].response, expected[i].response, 1e-3 * expected[i].response);
      }
    });
  }
}

struct Slope {
  double dx = 0, dy = 0;
};

// Right minus left and lower minus upper half of a square around the pixel corner nearest to a
// point.
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
      const Slope s =
          SlowHaar(grey, blob.x_px + u * blob.sigma_px, blob.y_px + v * blob.sigma_px, half);
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

// Places in the middle, at every border and outside, whose samples are no ties of rounding.
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

// By subregion: dx, |dx|, dy, |dy| each where the other slope is negative and where it is not.
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
      // Boxes answer most to spots 1.4 times as wide as the Gaussian that they stand for.
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
    for (int x = 0; x < 401; ++x) At(turned, 300 - y, x) = At(const_cast<Image&>(image), x, y);
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
  // The coarser octaves look at every second or fourth pixel from the top left, which is another
  // corner now.
  EXPECT_GT(static_cast<double>(found), 0.8 * static_cast<double>(before.size()));
}

/// Of an item's rows, the share whose nearest row in a photo lies at the right place.
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
    // The refined filter may be finer than the one that was laid there, and a step away from it.
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
