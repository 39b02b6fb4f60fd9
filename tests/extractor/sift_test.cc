#include <cmath>
#include <numbers>

#include <gtest/gtest.h>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>

#include "extractor/extractor.h"
#include "extractor/gradient_histograms.h"
#include "extractor/scale_space.h"
#include "tests/support/drawn.h"
#include "tests/support/targets.h"

namespace inlier {
namespace {

Plane PlaneOf(const Image& image) {
  const Image grey = ToGrey(image);
  Plane plane(grey.width_px, grey.height_px);
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      plane.row(y)[x] = grey.pixels[static_cast<std::size_t>(y * grey.width_px + x)];
    }
  }
  return plane;
}

TEST(Blur, AgreesWithOpenCv) {
  const Plane source = PlaneOf(test::DrawTexture(3, 141, 97));
  cv::Mat reference(source.height, source.width, CV_32F);
  for (int y = 0; y < source.height; ++y) std::copy_n(source.row(y), source.width, reference.ptr<float>(y));
  for (const float sigma : {0.8f, 1.5f, 3.1f}) {
    Plane difference;
    const Plane blurred = Blur(source, sigma, &difference);
    const int side = 2 * static_cast<int>(std::ceil(3 * sigma)) + 1;
    cv::Mat expected;
    cv::GaussianBlur(reference, expected, {side, side}, sigma, sigma, cv::BORDER_REFLECT_101);
    for (int y = 0; y < source.height; ++y) {
      for (int x = 0; x < source.width; ++x) {
        ASSERT_NEAR(blurred.row(y)[x], expected.at<float>(y, x), 0.01) << x << ',' << y << " sigma " << sigma;
        ASSERT_FLOAT_EQ(difference.row(y)[x], blurred.row(y)[x] - source.row(y)[x]);
      }
    }
  }
}

TEST(Blur, ImagesSmallerThanTheKernel) {
  for (const int side : {1, 2, 5}) {
    Plane plane(side, side);
    for (int y = 0; y < side; ++y) std::fill_n(plane.row(y), side, 100.0f);
    const Plane blurred = Blur(plane, 3);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) EXPECT_NEAR(blurred.row(y)[x], 100, 1e-3);
    }
  }
}

TEST(FindExtrema, AgreesWithTheDefinition) {
  const Octave octave = BuildOctave(Blur(PlaneOf(test::DrawTexture(5, 150, 110)), 1.5f));
  const auto found = FindExtrema(octave, 1.0f, 5);
  std::size_t next = 0;
  for (int level = 1; level <= kScalesPerOctave; ++level) {
    const auto l = static_cast<std::size_t>(level);
    for (int y = 5; y < octave.dog[l].height - 5; ++y) {
      for (int x = 5; x < octave.dog[l].width - 5; ++x) {
        const float v = octave.dog[l].row(y)[x];
        bool largest = v > 1.0f, smallest = v < -1.0f;
        for (std::size_t s = l - 1; s <= l + 1; ++s) {
          for (int dy = -1; dy <= 1; ++dy) {
            for (int dx = -1; dx <= 1; ++dx) {
              largest = largest && v >= octave.dog[s].row(y + dy)[x + dx];
              smallest = smallest && v <= octave.dog[s].row(y + dy)[x + dx];
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
  Plane ramp(64, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      ramp.row(y)[x] = static_cast<float>(x) * std::cos(angle) + static_cast<float>(y) * std::sin(angle);
    }
  }
  const auto bins = OrientationHistogram(ramp, 32, 32, 2);
  EXPECT_EQ(std::max_element(bins.begin(), bins.end()) - bins.begin(), 6);  // of 36
  // Seen along that direction, all gradients of the descriptor point into its first orientation bin.
  const auto histogram = DescriptorHistogram(ramp, 32, 32, 1.6f, angle);
  for (std::size_t bin = 0; bin < 16; ++bin) {
    for (std::size_t o = 1; o < 8; ++o) EXPECT_LT(histogram[bin * 8 + o], 0.01f * histogram[bin * 8] + 1e-3f);
  }
}

TEST(Sift, EveryTargetGivesTheSameFeatures) {
  const Image image = test::DrawTexture(11, 500, 380);
  const auto extractor = Extractor::Create({});
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
  const auto extractor = Extractor::Create(options);
  ASSERT_TRUE(extractor);
  const Features ours = (*extractor)->Extract(image);  // with room to spare, the doubled image is searched too
  const Image grey = ToGrey(image);
  const cv::Mat mat(grey.height_px, grey.width_px, CV_8UC1, const_cast<std::uint8_t*>(grey.pixels.data()));
  std::vector<cv::KeyPoint> theirs;
  cv::SIFT::create(0, 3, 0.04)->detect(mat, theirs);
  ASSERT_GT(theirs.size(), 200u);
  std::size_t found = 0;
  for (const cv::KeyPoint& k : theirs) {
    for (const Keypoint& o : ours.keypoints) {
      const double turn = std::remainder(o.angle_rad - k.angle * std::numbers::pi / 180, 2 * std::numbers::pi);
      if (std::hypot(o.point.x_px - k.pt.x, o.point.y_px - k.pt.y) < 1.0 && std::abs(std::log2(o.size_px / k.size)) < 0.3 &&
          std::abs(turn) < 0.2) {
        ++found;
        break;
      }
    }
  }
  // The rest: third orientations, borders, and the quarter pixel by which OpenCV shifts its doubled image.
  EXPECT_GE(static_cast<double>(found), 0.8 * static_cast<double>(theirs.size()));
}

}  // namespace
}  // namespace inlier
