#include "matcher/outline.h"

#include <algorithm>
#include <cmath>

namespace inlier {
namespace {

double Cross(Point a, Point b, Point c) {
  return static_cast<double>(b.x_px - a.x_px) * (c.y_px - b.y_px) -
         static_cast<double>(b.y_px - a.y_px) * (c.x_px - b.x_px);
}

}  // namespace

std::array<Point, 4> OutlineOf(double width_px, double height_px) {
  const auto w = static_cast<float>(width_px - 0.5), h = static_cast<float>(height_px - 0.5);
  return {Point{-0.5f, -0.5f}, Point{w, -0.5f}, Point{w, h}, Point{-0.5f, h}};
}

bool PlausibleOutline(const Homography& h, const std::array<Point, 4>& corners,
                      const std::array<Point, 4>& polygon, double photo_side_px) {
  for (const Point& c : corners) {
    if (h[6] * c.x_px + h[7] * c.y_px + h[8] <= 1e-6) return false;
  }
  double area = 0, longest = 0, shortest = 1e18;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point a = polygon[i], b = polygon[(i + 1) % 4], c = polygon[(i + 2) % 4];
    const double turn = Cross(a, b, c);
    const double ab = std::hypot(b.x_px - a.x_px, b.y_px - a.y_px);
    const double bc = std::hypot(c.x_px - b.x_px, c.y_px - b.y_px);
    if (!(turn > 0.2 * ab * bc)) return false;  // sine of the angle: mirrored, concave or a sliver
    area += static_cast<double>(a.x_px) * b.y_px - static_cast<double>(b.x_px) * a.y_px;
    longest = std::max(longest, ab);
    shortest = std::min(shortest, ab);
  }
  const double opposite_a =
      std::hypot(polygon[1].x_px - polygon[0].x_px, polygon[1].y_px - polygon[0].y_px) /
      std::hypot(polygon[2].x_px - polygon[3].x_px, polygon[2].y_px - polygon[3].y_px);
  const double opposite_b =
      std::hypot(polygon[3].x_px - polygon[0].x_px, polygon[3].y_px - polygon[0].y_px) /
      std::hypot(polygon[2].x_px - polygon[1].x_px, polygon[2].y_px - polygon[1].y_px);
  for (const double ratio : {opposite_a, opposite_b}) {
    if (ratio > 4 || ratio < 0.25) return false;
  }
  area /= 2;
  const double photo_area = photo_side_px * photo_side_px;
  return area > 4e-4 * photo_area && area < 25 * photo_area && longest < 8 * photo_side_px &&
         shortest > 0.01 * photo_side_px;
}

Point Transform(const Homography& h, Point p) {
  const double w = h[6] * p.x_px + h[7] * p.y_px + h[8];
  return {static_cast<float>((h[0] * p.x_px + h[1] * p.y_px + h[2]) / w),
          static_cast<float>((h[3] * p.x_px + h[4] * p.y_px + h[5]) / w)};
}

bool Contains(const std::array<Point, 4>& polygon, Point p) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (Cross(polygon[i], polygon[(i + 1) % 4], p) < 0) return false;
  }
  return true;
}

}  // namespace inlier
