// These tests check that the outlines that come with a rendered photo lie where its items are.
#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>
#include <opencv2/core/matx.hpp>

#include "render/corruption.h"
#include "render/paint.h"
#include "tests/render/test_pictures.h"
#include "tests/support/drawn.h"

namespace inlier::test {
namespace {

// The middle of a mark along one axis. It is a median, so that a few pixels that take on the mark's
// colour at the edges of other colours do not move it.
double Median(std::vector<int> values) {
  std::ranges::sort(values);
  return (values[values.size() / 2] + values[(values.size() - 1) / 2]) / 2.0;
}

// Marks of four colours on the item appear where the homography of the true outline takes them.
TEST(CorruptionGeometry, MarksLieWhereTheOutlineSays) {
  constexpr int kWidth = 300, kHeight = 420;
  const std::array<Point, 4> places{{{30, 30}, {269, 30}, {269, 389}, {30, 389}}};
  const std::array<Colour, 4> colours{kRed, kGreen, kBlue, kYellow};
  std::vector<Image> items{Plain(kGrey, kWidth, kHeight)};
  for (std::size_t i = 0; i < 4; ++i) FillDisc(items[0], places[i], 12, colours[i]);
  const Image back = Plain({60, 60, 60}, 640, 480);
  const std::pair<const char*, double> cases[] = {{"view", 0},       {"view", 30},    {"view", 60},
                                                  {"rotation", 135}, {"scale", 0.35}, {"focus", 8},
                                                  {"darkness", 2}};
  for (const auto& [corruption, severity] : cases) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto scene = RenderCorrupted(corruption, severity, items, back, back, seed);
      ASSERT_TRUE(scene);
      const auto& outline = scene->placed[0].outline;
      // The outline's corners lie at the outer edges of the item's corner pixels.
      const Homography h =
          FromCorners(kWidth + 1, kHeight + 1, {outline[0], outline[1], outline[2], outline[3]});
      for (std::size_t i = 0; i < 4; ++i) {
        std::vector<int> xs, ys;
        for (int y = 0; y < scene->photo.height_px; ++y) {
          for (int x = 0; x < scene->photo.width_px; ++x) {
            const auto at = 3 * (static_cast<std::size_t>(y) * scene->photo.width_px + x);
            if (!IsColour(&scene->photo.pixels[at], colours[i])) continue;
            xs.push_back(x);
            ys.push_back(y);
          }
        }
        ASSERT_GT(xs.size(), 10u) << corruption << " " << severity << " mark " << i;
        const double x = places[i].x_px + 0.5, y = places[i].y_px + 0.5,
                     w = h[6] * x + h[7] * y + h[8];
        EXPECT_NEAR(Median(xs), (h[0] * x + h[1] * y + h[2]) / w, 0.8)
            << corruption << " " << severity << " mark " << i;
        EXPECT_NEAR(Median(ys), (h[3] * x + h[4] * y + h[5]) / w, 0.8)
            << corruption << " " << severity << " mark " << i;
      }
    }
  }
}

TEST(CorruptionGeometry, TheOutlineIsTheEdgeOfWhatIsSeen) {
  const std::vector<Image> items{Plain(kGreen, 300, 420)};
  const Image back = Plain(kGrey, 640, 480);
  const std::pair<const char*, double> cases[] = {
      {"view", 75}, {"rotation", 45}, {"scale", 0.5}, {"bending", 0.04}, {"bending", 0.12}};
  for (const auto& [corruption, severity] : cases) {
    const auto scene = RenderCorrupted(corruption, severity, items, back, back, 5);
    ASSERT_TRUE(scene);
    const auto share = Coverage(scene->placed[0].outline, 800, 600);
    int both = 0, either = 0;
    for (std::size_t i = 0; i < share.size(); ++i) {
      const bool seen = IsColour(&scene->photo.pixels[3 * i], kGreen), said = share[i] > 0.5f;
      both += seen && said;
      either += seen || said;
    }
    EXPECT_GT(both, 0.96 * either) << corruption << " " << severity;
  }
}

TEST(CorruptionGeometry, TheOccluderHidesAsMuchAsAsked) {
  const std::vector<Image> items{Plain(kGreen, 300, 420)};
  const Image back = Plain(kGrey, 640, 480);
  for (const auto& [width, height] : {std::pair{300, 400}, {900, 60}}) {
    const Image front = Plain(kRed, width, height);
    for (const double severity : {0.0, 0.1, 0.25, 0.4, 0.55, 0.7}) {
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        const auto scene = RenderCorrupted("occlusion", severity, items, front, back, seed);
        ASSERT_TRUE(scene);
        double hidden = 0, area = 0;
        const auto share = Coverage(scene->placed[0].outline, 800, 600);
        for (std::size_t i = 0; i < share.size(); ++i) {
          if (share[i] < 0.99f) continue;
          ++area;
          hidden += IsColour(&scene->photo.pixels[3 * i], kRed);
        }
        EXPECT_NEAR(hidden / area, severity, 0.015)
            << width << " × " << height << ", seed " << seed;
      }
    }
  }
}

TEST(CorruptionGeometry, HalfATurnSwapsTheCorners) {
  const auto upright = Render("rotation", 0).placed[0].outline,
             turned = Render("rotation", 180).placed[0].outline;
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(turned[i].x_px, upright[(i + 2) % 4].x_px, 0.5);
    EXPECT_NEAR(turned[i].y_px, upright[(i + 2) % 4].y_px, 0.5);
  }
}

// Once the focal length is divided out, the first two columns of a plane's homography are two axes
// of the plane as the camera sees them (Zhang 2000), and their cross product is its normal.
TEST(CorruptionGeometry, TheAngleOfViewIsTheOneAskedFor) {
  for (const double degrees : {15, 30, 45, 60, 75}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const auto outline = Render("view", degrees, seed).placed[0].outline;
      const Homography h = FromCorners(Items()[0].width_px + 1, Items()[0].height_px + 1,
                                       {outline[0], outline[1], outline[2], outline[3]});
      const auto axis = [&](int column) {
        const double z = h[6 + column];
        return cv::Vec3d((h[column] - 399.5 * z) / 960, (h[3 + column] - 299.5 * z) / 960, z);
      };
      const cv::Vec3d normal = axis(0).cross(axis(1));
      EXPECT_NEAR(std::acos(std::abs(normal[2]) / cv::norm(normal)) * 180 / CV_PI, degrees, 0.1)
          << seed;
      EXPECT_NEAR(axis(0).dot(axis(1)) / (cv::norm(axis(0)) * cv::norm(axis(1))), 0, 0.01) << seed;
    }
  }
}

TEST(CorruptionGeometry, ScaleIsTheDiagonalByTheShortSide) {
  for (const double scale : {0.7, 0.35, 0.17}) {
    const auto outline = Render("scale", scale).placed[0].outline;
    const double one =
        std::hypot(outline[0].x_px - outline[2].x_px, outline[0].y_px - outline[2].y_px);
    const double other =
        std::hypot(outline[1].x_px - outline[3].x_px, outline[1].y_px - outline[3].y_px);
    EXPECT_NEAR((one + other) / 2, scale * 600,
                0.02 * scale * 600);  // the base pose tilts it a little
  }
}

TEST(CorruptionGeometry, SeveralItemsDoNotOverlap) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    for (const double count : {2, 3, 4, 5, 6}) {
      const RenderedPhoto scene = Render("items", count, seed);
      std::vector<float> sum(std::size_t{800} * 600);
      for (const PlacedItem& placed : scene.placed) {
        const auto share = Coverage(placed.outline, 800, 600);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share[i];
      }
      EXPECT_LT(*std::ranges::max_element(sum), 1.001f) << count << " items, seed " << seed;
    }
  }
}

}  // namespace
}  // namespace inlier::test
