#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <tuple>

#include <gtest/gtest.h>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>

#include "core/mat.h"
#include "extractor/gradient_histograms.h"
#include "extractor/methods.h"
#include "extractor/scale_space.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

Plane PlaneOf(const Image& image) {
  Plane plane;
  FromGrey(ToGrey(image), plane);
  return plane;
}

TEST(Blur, AgreesWithOpenCv) {
  const Plane source = PlaneOf(test::DrawTexture(3, 141, 97));
  cv::Mat reference(source.height, source.width, CV_32F);
  for (int y = 0; y < source.height; ++y)
    std::copy_n(source.row(y), source.width, reference.ptr<float>(y));
  for (const float sigma : {0.8f, 1.5f, 3.1f}) {
    Plane blurred;
    Blur(source, sigma, blurred);
    const int side = 2 * static_cast<int>(std::ceil(3 * sigma)) + 1;
    cv::Mat expected;
    cv::GaussianBlur(reference, expected, {side, side}, sigma, sigma, cv::BORDER_REFLECT_101);
    double bias = 0;
    for (int y = 0; y < source.height; ++y) {
      for (int x = 0; x < source.width; ++x) {
        ASSERT_NEAR(blurred.row(y)[x], expected.at<float>(y, x), 0.03 * Plane::kFixedPoint)
            << x << ',' << y << " sigma " << sigma;
        bias += static_cast<float>(blurred.row(y)[x]) - expected.at<float>(y, x);
      }
    }
    EXPECT_LT(std::abs(bias) / (source.width * source.height), 0.01 * Plane::kFixedPoint);
  }
}

TEST(Blur, ImagesSmallerThanTheKernel) {
  for (const int side : {1, 2, 5}) {
    Plane plane, blurred;
    plane.Resize(side, side);
    for (int y = 0; y < side; ++y) std::fill_n(plane.row(y), side, std::uint16_t{65'280});
    Blur(plane, 3, blurred);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x)
        EXPECT_NEAR(blurred.row(y)[x], 65'280, 0.03 * Plane::kFixedPoint);
    }
  }
}

TEST(FromGrey, DoublesBilinearly) {
  const Image grey = ToGrey(test::DrawTexture(4, 57, 41));
  Plane doubled;
  FromGreyDoubled(grey, doubled);
  ASSERT_EQ(doubled.width, 114);
  ASSERT_EQ(doubled.height, 82);
  const auto at = [&](int x, int y) {
    return grey.pixels[static_cast<std::size_t>(std::clamp(y, 0, 40) * 57 + std::clamp(x, 0, 56))];
  };
  for (int y = 0; y < 82; ++y) {
    for (int x = 0; x < 114; ++x) {
      // Pixel x of the doubled image lies at (x − 0.5) / 2 in the original.
      const int left = (x + 1) / 2 - 1, top = (y + 1) / 2 - 1;
      const double u = (x - 0.5) / 2 - left, v = (y - 0.5) / 2 - top;
      const double expected = (1 - v) * ((1 - u) * at(left, top) + u * at(left + 1, top)) +
                              v * ((1 - u) * at(left, top + 1) + u * at(left + 1, top + 1));
      ASSERT_EQ(doubled.row(y)[x], expected * Plane::kFixedPoint) << x << ',' << y;
    }
  }
}

// Compares the levels, which are each made from the one before, some with taps two pixels apart,
// with plain Gaussian blurs of the first level.
TEST(ScanOctave, MakesTheLevelsOnEveryTarget) {
  for (const cv::Size size : {cv::Size(203, 151), {40, 17}, {16, 70}, {5, 3}}) {
    const int width_px = size.width, height_px = size.height;
    Octave octave;
    Blur(PlaneOf(test::DrawTexture(6, width_px, height_px)), 1.5f, octave.gauss[0]);
    cv::Mat first(height_px, width_px, CV_32F);
    for (int y = 0; y < height_px; ++y)
      std::copy_n(octave.gauss[0].row(y), width_px, first.ptr<float>(y));
    std::vector<cv::Mat> expected(octave.gauss.size());
    for (std::size_t level = 1; level < expected.size(); ++level) {
      const double sigma = kBaseSigma_px * std::exp2(static_cast<double>(level) / kScalesPerOctave);
      const double more = std::sqrt(sigma * sigma - kBaseSigma_px * kBaseSigma_px);
      cv::GaussianBlur(first, expected[level], {41, 41}, more, more, cv::BORDER_REFLECT_101);
    }
    test::ForEachSimdTarget([&] {
      ScanOctave(octave, 1, 5);
      for (std::size_t level = 1; level < expected.size(); ++level) {
        for (int y = 0; y < height_px; ++y) {
          for (int x = 0; x < width_px; ++x) {
            ASSERT_NEAR(octave.gauss[level].row(y)[x], expected[level].at<float>(y, x),
                        0.1 * Plane::kFixedPoint)
                << x << ',' << y << " level " << level << " of " << width_px << " by " << height_px;
          }
        }
      }
    });
  }
}

TEST(ScanOctave, FindsTheExtremaOfTheDefinition) {
  Octave octave;
  Blur(PlaneOf(test::DrawTexture(5, 150, 110)), 1.5f, octave.gauss[0]);
  const float threshold = 1, least = threshold * Plane::kFixedPoint;
  auto found = ScanOctave(octave, threshold, 5);
  const auto order = [](const Extremum& e) { return std::tuple(e.level, e.y, e.x); };
  std::sort(found.begin(), found.end(),
            [&](const Extremum& a, const Extremum& b) { return order(a) < order(b); });
  std::size_t next = 0;
  for (int level = 1; level <= kScalesPerOctave; ++level) {
    for (int y = 5; y < octave.height() - 5; ++y) {
      for (int x = 5; x < octave.width() - 5; ++x) {
        const int v = octave.Difference(level, x, y);
        bool largest = v > least, smallest = v < -least;
        for (int s = -1; s <= 1; ++s) {
          for (int dy = -1; dy <= 1; ++dy) {
            for (int dx = -1; dx <= 1; ++dx) {
              const int other = octave.Difference(level + s, x + dx, y + dy);
              const bool before = std::tuple(s, dy, dx) < std::tuple(0, 0, 0);
              largest = largest && (before ? v > other : v >= other);
              smallest = smallest && (before ? v < other : v <= other);
            }
          }
        }
        if (!largest && !smallest) continue;
        ASSERT_LT(next, found.size());
        EXPECT_EQ(found[next].x, x);
        EXPECT_EQ(found[next].y, y);
        EXPECT_EQ(found[next].level, level);
        ++next;
      }
    }
  }
  EXPECT_EQ(next, found.size());
  EXPECT_GT(next, 20u);
}

TEST(OrientationHistogram, PeaksAlongARamp) {
  // Brightness grows towards 60 degrees, clockwise with y down.
  const float angle = std::numbers::pi_v<float> / 3;
  Plane ramp;
  ramp.Resize(64, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      ramp.row(y)[x] =
          static_cast<std::uint16_t>(std::lround(256 * (static_cast<float>(x) * std::cos(angle) +
                                                        static_cast<float>(y) * std::sin(angle))));
    }
  }
  const auto bins = OrientationHistogram(ramp, 32, 32, 2);
  EXPECT_EQ(std::max_element(bins.begin(), bins.end()) - bins.begin(), 6);  // of 36
  // Seen along that direction, all gradients of the descriptor point into its first orientation
  // bin.
  const auto histogram = DescriptorHistogram(ramp, 32, 32, 1.6f, angle);
  for (std::size_t bin = 0; bin < 16; ++bin) {
    for (std::size_t o = 1; o < 8; ++o)
      EXPECT_LT(histogram[bin * 8 + o], 0.01f * histogram[bin * 8] + 1.0f);
  }
}

double At(const Plane& level, int x, int y) { return level.row(y)[x]; }

double TurnOf(double dy, double dx) {
  const double turn = std::atan2(dy, dx) / (2 * std::numbers::pi);
  return turn < 0 ? turn + 1 : turn;
}

// The orientation histogram of Lowe, §5, one pixel at a time.
TEST(OrientationHistogram, AgreesWithThePlainSumOnEveryTarget) {
  Plane level;
  Blur(PlaneOf(test::DrawTexture(21, 120, 90)), 1.6f, level);
  for (const cv::Vec3f& blob :
       {cv::Vec3f(60.3f, 45.8f, 1.7f), {33.0f, 70.4f, 3.1f}, {6.0f, 5.0f, 2.4f}}) {
    const float x_px = blob[0], y_px = blob[1], sigma_px = blob[2];
    std::array<double, kOrientationBins> raw{}, expected{};
    const int cx = static_cast<int>(std::lround(x_px)), cy = static_cast<int>(std::lround(y_px));
    const double window = 1.5 * sigma_px;
    const int radius = static_cast<int>(std::lround(3 * window));
    for (int y = std::max(cy - radius, 1); y <= std::min(cy + radius, level.height - 2); ++y) {
      for (int x = std::max(cx - radius, 1); x <= std::min(cx + radius, level.width - 2); ++x) {
        const double dx = At(level, x + 1, y) - At(level, x - 1, y),
                     dy = At(level, x, y + 1) - At(level, x, y - 1);
        const double distance = (x - cx) * (x - cx) + (y - cy) * (y - cy);
        if (distance > radius * radius) continue;
        const auto bin =
            static_cast<std::size_t>(TurnOf(dy, dx) * kOrientationBins + 0.5) % kOrientationBins;
        raw[bin] += std::hypot(dx, dy) * std::exp(-distance / (2 * window * window));
      }
    }
    double sum = 0;
    for (std::size_t i = 0; i < kOrientationBins; ++i) {
      const auto bin = [&](std::size_t offset) { return raw[(i + offset) % kOrientationBins]; };
      expected[i] = (bin(34) + bin(2)) / 16 + (bin(35) + bin(1)) / 4 + bin(0) * 6 / 16;
      sum += expected[i];
    }
    test::ForEachSimdTarget([&] {
      const auto bins = OrientationHistogram(level, x_px, y_px, sigma_px);
      // A gradient on the border between two bins may count in either.
      for (std::size_t i = 0; i < kOrientationBins; ++i)
        EXPECT_NEAR(bins[i], expected[i], 0.01 * sum) << i;
    });
  }
}

// The descriptor of Lowe, §6, on the fixed grid. Each sample is shared among its 2 × 2 × 2 nearest
// bins.
TEST(DescriptorHistogram, AgreesWithThePlainSumOnEveryTarget) {
  Plane level;
  Blur(PlaneOf(test::DrawTexture(22, 160, 120)), 1.6f, level);
  for (const cv::Vec4f& blob : {cv::Vec4f(80.2f, 60.7f, 1.7f, 0.0f),
                                {75.0f, 55.5f, 2.9f, 2.1f},
                                {8.0f, 110.0f, 2.2f, 5.9f}}) {
    const float x_px = blob[0], y_px = blob[1], sigma_px = blob[2], angle_rad = blob[3];
    std::array<double, 128> expected{};
    const double cosine = std::cos(angle_rad), sine = std::sin(angle_rad);
    for (int gy = 0; gy < kDescriptorGrid; ++gy) {
      for (int gx = 0; gx < kDescriptorGrid; ++gx) {
        // The unit is a bin, which is three sigmas wide. The window is five bins wide.
        const double u = (gx + 0.5) * 5 / kDescriptorGrid - 2.5,
                     v = (gy + 0.5) * 5 / kDescriptorGrid - 2.5;
        const float x = x_px + static_cast<float>(3 * sigma_px * (u * cosine - v * sine));
        const float y = y_px + static_cast<float>(3 * sigma_px * (u * sine + v * cosine));
        if (x < 1 || y < 1 || x > static_cast<float>(level.width - 2) ||
            y > static_cast<float>(level.height - 2))
          continue;
        const int px = static_cast<int>(x + 0.5f), py = static_cast<int>(y + 0.5f);
        const double dx = At(level, px + 1, py) - At(level, px - 1, py),
                     dy = At(level, px, py + 1) - At(level, px, py - 1);
        const double weight = std::hypot(dx, dy) * std::exp(-(u * u + v * v) / 8);
        const double turn = TurnOf(dy * cosine - dx * sine, dx * cosine + dy * sine) * 8;
        for (int row = 0; row < 4; ++row) {
          for (int column = 0; column < 4; ++column) {
            for (int o = 0; o < 8; ++o) {
              const double off = std::abs(turn - o), distance = std::min(off, 8 - off);
              expected[static_cast<std::size_t>((row * 4 + column) * 8 + o)] +=
                  weight * std::max(0.0, 1 - std::abs(v - (row - 1.5))) *
                  std::max(0.0, 1 - std::abs(u - (column - 1.5))) * std::max(0.0, 1 - distance);
            }
          }
        }
      }
    }
    const double sum = std::accumulate(expected.begin(), expected.end(), 0.0);
    test::ForEachSimdTarget([&] {
      const auto histogram = DescriptorHistogram(level, x_px, y_px, sigma_px, angle_rad);
      // A sample in the middle between two pixels may be rounded to either.
      for (std::size_t i = 0; i < 128; ++i)
        EXPECT_NEAR(histogram[i], expected[i], 0.003 * sum) << i;
    });
  }
}

TEST(Sift, OnePixelHasAtMostTwoFeatures) {
  const auto extractor = CreateExtractor({.max_features = 20'000, .min_side_px = 0});
  ASSERT_TRUE(extractor);
  const Features features = (*extractor)->Extract(test::DrawTexture(23, 500, 400));
  std::map<std::tuple<float, float, float>, int>
      at;  // two orientations of one extremum share place and size
  for (const Keypoint& k : features.keypoints) ++at[{k.point.x_px, k.point.y_px, k.size_px}];
  ASSERT_GT(at.size(), 300u);
  for (const auto& [place, count] : at) EXPECT_LE(count, 2);
}

TEST(Sift, DarkPhotosHaveFeaturesToo) {
  Image image = ToGrey(test::DrawTexture(24, 500, 400));
  const auto extractor = CreateExtractor({.max_features = 300});
  ASSERT_TRUE(extractor);
  const std::size_t lit = (*extractor)->Extract(image).size();
  for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(pixel / 8);
  EXPECT_EQ(lit, 300u);
  EXPECT_EQ((*extractor)->Extract(image).size(), 300u);
}

TEST(Sift, TheSignTellsBrightFromDark) {
  const Image image = ToGrey(test::DrawTexture(10, 400, 300));
  Image negative = image;
  for (auto& pixel : negative.pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
  const auto extractor = CreateExtractor({});
  ASSERT_TRUE(extractor);
  const Features a = (*extractor)->Extract(image), b = (*extractor)->Extract(negative);
  int same_place = 0, other_sign = 0;
  for (const Keypoint& k : a.keypoints) {
    for (const Keypoint& n : b.keypoints) {
      if (std::hypot(k.point.x_px - n.point.x_px, k.point.y_px - n.point.y_px) > 0.1 ||
          std::abs(k.size_px - n.size_px) > 0.1)
        continue;
      ++same_place;
      other_sign += (k.response < 0) != (n.response < 0);
    }
  }
  EXPECT_GT(same_place, 200);
  EXPECT_GT(other_sign, 0.98 * same_place);
}

TEST(Sift, EveryTargetGivesTheSameFeatures) {
  const Image image = test::DrawTexture(11, 500, 380);
  const auto extractor = CreateExtractor({});
  ASSERT_TRUE(extractor);
  const Features expected = (*extractor)->Extract(image);
  ASSERT_GT(expected.size(), 200u);
  int targets = 0;
  test::ForEachSimdTarget([&] {
    ++targets;
    const Features features = (*extractor)->Extract(image);
    ASSERT_EQ(features.size(), expected.size());
    EXPECT_EQ(features.descriptors, expected.descriptors);
    for (std::size_t i = 0; i < features.size(); ++i) {
      EXPECT_EQ(features.keypoints[i].point.x_px, expected.keypoints[i].point.x_px);
      EXPECT_EQ(features.keypoints[i].angle_rad, expected.keypoints[i].angle_rad);
    }
  });
  EXPECT_GE(targets, 2);
}

TEST(Sift, FindsTheKeypointsOfOpenCv) {
  const Image image = test::DrawTexture(12, 480, 360);
  ExtractorOptions options{.max_features = 20'000, .min_side_px = 0, .contrast_threshold = 0.04};
  const auto extractor = CreateExtractor(options);
  ASSERT_TRUE(extractor);
  const Features ours =
      (*extractor)->Extract(image);  // with room to spare, the doubled image is searched too
  const Image grey = ToGrey(image);
  std::vector<cv::KeyPoint> theirs;
  cv::SIFT::create(0, 3, 0.04)->detect(AsMat(grey), theirs);
  ASSERT_GT(theirs.size(), 200u);
  std::size_t found = 0;
  for (const cv::KeyPoint& k : theirs) {
    for (const Keypoint& o : ours.keypoints) {
      const double turn =
          std::remainder(o.angle_rad - k.angle * std::numbers::pi / 180, 2 * std::numbers::pi);
      if (std::hypot(o.point.x_px - k.pt.x, o.point.y_px - k.pt.y) < 1.0 &&
          std::abs(std::log2(o.size_px / k.size)) < 0.3 && std::abs(turn) < 0.2) {
        ++found;
        break;
      }
    }
  }
  // The others are missing because of third orientations, borders, and the quarter pixel by which
  // OpenCV shifts its doubled image.
  EXPECT_GE(static_cast<double>(found), 0.8 * static_cast<double>(theirs.size()));
}

}  // namespace
}  // namespace inlier
