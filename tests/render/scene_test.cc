#include "render/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "render/paint.h"

namespace inlier {
namespace {

const Scene kScene{.camera = {.width_px = 400, .height_px = 300, .focal_px = 500},
                   .to_light = {0, -0.6, -0.8}};

Cloth FlatCloth() { return Cloth(0, Draws(1, "cloth")); }

double Distance(Point a, Point b) { return std::hypot(a.x_px - b.x_px, a.y_px - b.y_px); }

double Sum(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

TEST(Scene, StraightOnTheItemIsARectangleOfThatSize) {
  const PlacedSheet sheet = Place(kScene, 300, 400, {.centre = {200, 140}, .diagonal_px = 200},
                                  FlatCloth(), std::nullopt);
  ASSERT_EQ(sheet.outline.size(), 4u);
  const Point want[4] = {{140, 60}, {260, 60}, {260, 220}, {140, 220}};
  for (int i = 0; i < 4; ++i) EXPECT_LT(Distance(sheet.outline[i], want[i]), 0.01) << i;
}

TEST(Scene, TheOutlineIsWhatAPinholeCameraSees) {
  // A square of side 1 is turned by 60° about its vertical axis, so that one half comes nearer to
  // the camera.
  const double angle = std::numbers::pi / 3, far = 500 * std::sqrt(2) / 200;
  Pose pose{.centre = {200, 150},
            .diagonal_px = 200,
            .tilt_rad = {angle, 0},
            .tilt_axis_rad = {std::numbers::pi / 2, 0}};
  const PlacedSheet sheet = Place(kScene, 100, 100, pose, FlatCloth(), std::nullopt);
  const double near_z = far - std::sin(angle) / 2, far_z = far + std::sin(angle) / 2;
  const double right = Distance(sheet.outline[1], sheet.outline[2]),
               left = Distance(sheet.outline[0], sheet.outline[3]);
  EXPECT_NEAR(std::max(left, right), 500 / near_z, 0.05);
  EXPECT_NEAR(std::min(left, right), 500 / far_z, 0.05);
  // The top edge joins the near side to the far one. Its width in the photo follows from the
  // two depths.
  const double width = 2 * 500 * std::cos(angle) / (near_z + far_z);
  EXPECT_NEAR(std::abs(sheet.outline[1].x_px - sheet.outline[0].x_px), width, 0.3);
}

TEST(Scene, TheCameraStepsBackUntilTheItemFits) {
  const Frame frame{10, 20, 150, 200};
  const PlacedSheet sheet =
      Place(kScene, 300, 400, {.centre = {0, 0}, .diagonal_px = 900, .roll_rad = 0.3}, FlatCloth(),
            frame);
  for (const Point p : sheet.outline) {
    EXPECT_GE(p.x_px, 9.9);
    EXPECT_LE(p.x_px, 150.1);
    EXPECT_GE(p.y_px, 19.9);
    EXPECT_LE(p.y_px, 200.1);
  }
  const auto [left, right] = std::ranges::minmax(sheet.outline, {}, &Point::x_px);
  EXPECT_GT(right.x_px - left.x_px, 130);
}

TEST(Scene, CoverageIsTheAreaOfThePolygon) {
  const std::vector<Point> triangle{{10.3f, 5.1f}, {60.7f, 20.2f}, {20.4f, 70.9f}};
  const double area = 0.5 * std::abs((60.7 - 10.3) * (70.9 - 5.1) - (20.4 - 10.3) * (20.2 - 5.1));
  const auto share = Coverage(triangle, 100, 80);
  EXPECT_NEAR(Sum(share), area, 1);
  EXPECT_NEAR(*std::ranges::max_element(share), 1, 1e-5);
  EXPECT_NEAR(Sum(Coverage({{-50, -50}, {500, -50}, {500, 500}, {-50, 500}}, 100, 80)), 8000, 0.1);
  // Pixel centres are at whole numbers, so this square covers half of each pixel along its edges.
  EXPECT_NEAR(Sum(Coverage({{10, 10}, {20, 10}, {20, 20}, {10, 20}}, 100, 80)), 100, 0.01);
}

// Stripes that are finer than a pixel are painted as their mean and leave no pattern.
TEST(Scene, PaintingAveragesWhatAPixelSees) {
  LinearImage stripes{.width_px = 800, .height_px = 800};
  for (int i = 0; i < 800 * 800; ++i) {
    for (int c = 0; c < 3; ++c) stripes.bgr.push_back(i % 2 ? 1.0f : 0.0f);
  }
  for (const double tilt : {0.0, 1.2}) {
    LinearImage photo{.width_px = 400, .height_px = 300};
    photo.bgr.assign(std::size_t{400} * 300 * 3, 0);
    const Pose pose{.centre = {200, 150},
                    .diagonal_px = 330,
                    .roll_rad = 0.1,
                    .tilt_rad = {tilt, 0},
                    .tilt_axis_rad = {std::numbers::pi / 2, 0}};
    const PlacedSheet sheet = Place(kScene, 800, 800, pose, FlatCloth(), std::nullopt);
    Paint(photo, stripes, sheet);
    const auto share = Coverage(sheet.outline, 400, 300);
    int inside = 0;
    for (std::size_t i = 0; i < share.size(); ++i) {
      if (share[i] < 0.999f) continue;
      ++inside;
      ASSERT_NEAR(photo.bgr[3 * i], 0.5, 0.12) << tilt;
    }
    EXPECT_GT(inside, 5000);
  }
}

TEST(Scene, AShadowFallsAwayFromTheLight) {
  LinearImage photo{.width_px = 400, .height_px = 300};
  photo.bgr.assign(std::size_t{400} * 300 * 3, 0.5f);
  const PlacedSheet sheet = Place(kScene, 100, 100, {.centre = {200, 150}, .diagonal_px = 200},
                                  FlatCloth(), std::nullopt);
  CastContactShadow(photo, kScene, sheet);
  const auto at = [&](int x, int y) {
    return photo.bgr[static_cast<std::size_t>(y * 400 + x) * 3];
  };
  EXPECT_LT(at(200, 224), at(200, 76) - 0.03f);  // darker below the sheet than above it
  EXPECT_NEAR(at(200, 20), 0.5, 1e-4);
}

TEST(Cloth, FlatClothIsFlat) {
  const Cloth cloth = FlatCloth();
  EXPECT_TRUE(cloth.flat());
  EXPECT_EQ(cloth.At(0.2, -0.4), (std::array<double, 3>{0.2, -0.4, 0}));
}

TEST(Cloth, FoldsRiseAsFarAsAskedAndDrawTheSheetTogether) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const double amplitude = 0.08;
    const Cloth cloth(amplitude, Draws(seed, "cloth"));
    double highest = 0, area = 0, seen = 0;
    constexpr int kSteps = 80;
    const auto at = [&](int i, int j) {
      return cloth.At(static_cast<double>(i) / kSteps - 0.5, static_cast<double>(j) / kSteps - 0.5);
    };
    for (int i = 0; i < kSteps; ++i) {
      for (int j = 0; j < kSteps; ++j) {
        const auto p = at(i, j), q = at(i + 1, j), r = at(i, j + 1);
        const std::array<double, 3> u{q[0] - p[0], q[1] - p[1], q[2] - p[2]},
            v{r[0] - p[0], r[1] - p[1], r[2] - p[2]};
        const double z = u[0] * v[1] - u[1] * v[0];
        ASSERT_GT(z, 0);  // the cloth is nowhere turned over
        seen += z;
        area += std::hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], z);
        highest = std::max(highest, std::abs(p[2]));
      }
    }
    EXPECT_LE(highest, amplitude);
    EXPECT_GT(highest, amplitude / 4);
    EXPECT_LT(seen, 0.99);       // the cloth looks smaller from the front,
    EXPECT_NEAR(area, 1, 0.06);  // although its area is the same as before
  }
}

}  // namespace
}  // namespace inlier
