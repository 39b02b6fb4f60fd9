#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "extractor/box_hessian.h"
#include "extractor/integral_image.h"
#include "tests/extractor/grey_images.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

using test::At;
using test::GreyImage;
using test::Sum;

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

// The filters of Bay et al., CVIU 2008, figure 3, scaled. Their lobes are a third of the filter
// wide.
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

// The offset of the peak of a quadratic, in x, y and layer, and its height.
struct Peak {
  cv::Vec3d offset;
  double height = 0;
};

// `value(dx, dy, dlayer)` is a neighbour. Nothing where the peak is a step or more away.
template <class Value>
std::optional<Peak> SlowPeak(const Value& value) {
  const double v = value(0, 0, 0);
  cv::Matx33d hessian;
  cv::Vec3d gradient;
  const auto along = [](int axis, int i) {
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
  if (std::max({std::abs(offset[0]), std::abs(offset[1]), std::abs(offset[2])}) >= 1) {
    return std::nullopt;
  }
  return Peak{offset, v + gradient.dot(offset) / 2};
}

// The definition: at least as large as its 26 neighbours, and the peak of the quadratic less than a
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
        const auto peak = SlowPeak(value);
        if (!peak) continue;
        const double size =
            octave.sizes_px[l] + peak->offset[2] * (octave.sizes_px[1] - octave.sizes_px[0]);
        blobs.push_back({static_cast<float>((x + peak->offset[0]) * step),
                         static_cast<float>((y + peak->offset[1]) * step),
                         static_cast<float>(size * 1.2 / 9), static_cast<float>(peak->height)});
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

}  // namespace
}  // namespace inlier
