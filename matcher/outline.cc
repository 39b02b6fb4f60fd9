// The outline of an item in a photo, and the checks that rule out impossible ones.
//
// RANSAC also returns homographies that no view of a flat thing has: mirrored, folded, cut by the
// horizon, or squeezed to a line. PlausibleOutline looks only at where the four corners of the item
// go. They must lie in front of the camera (their third homogeneous coordinate is positive: Hartley
// and Zisserman, "Multiple View Geometry", 2nd ed., ch. 21), the outline must turn clockwise at
// every corner, and its sides and area must stay within generous limits.
#include "matcher/outline.h"

#include <algorithm>
#include <cmath>

namespace inlier {
namespace {

constexpr double kMinDepth = 1e-6;        // third homogeneous coordinate of a corner
constexpr double kMinSine = 0.2;          // of the angle at a corner
constexpr double kMaxForeshortening = 4;  // between opposite sides
// Relative to the photo's long side, or its square.
constexpr double kMinArea = 4e-4, kMaxArea = 25;
constexpr double kMinSide = 0.01, kMaxSide = 8;

double Cross(Point a, Point b, Point c) {
  return static_cast<double>(b.x_px - a.x_px) * (c.y_px - b.y_px) -
         static_cast<double>(b.y_px - a.y_px) * (c.x_px - b.x_px);
}

float Distance(Point a, Point b) { return std::hypot(b.x_px - a.x_px, b.y_px - a.y_px); }

}  // namespace

Point Transform(const Homography& h, Point p) {
  const double w = h[6] * p.x_px + h[7] * p.y_px + h[8];
  return {static_cast<float>((h[0] * p.x_px + h[1] * p.y_px + h[2]) / w),
          static_cast<float>((h[3] * p.x_px + h[4] * p.y_px + h[5]) / w)};
}

std::optional<Homography> Inverse(const Homography& h) {
  // The adjugate: the inverse up to a factor, which does not matter to a homography.
  const Homography adjugate{
      h[4] * h[8] - h[5] * h[7], h[2] * h[7] - h[1] * h[8], h[1] * h[5] - h[2] * h[4],
      h[5] * h[6] - h[3] * h[8], h[0] * h[8] - h[2] * h[6], h[2] * h[3] - h[0] * h[5],
      h[3] * h[7] - h[4] * h[6], h[1] * h[6] - h[0] * h[7], h[0] * h[4] - h[1] * h[3]};
  const double determinant = h[0] * adjugate[0] + h[1] * adjugate[3] + h[2] * adjugate[6];
  if (determinant == 0 || !std::isfinite(determinant)) return std::nullopt;
  return adjugate;
}

std::array<Point, 4> OutlineOf(double width_px, double height_px) {
  const auto w = static_cast<float>(width_px - 0.5), h = static_cast<float>(height_px - 0.5);
  return {Point{-0.5f, -0.5f}, Point{w, -0.5f}, Point{w, h}, Point{-0.5f, h}};
}

double Area_px(const std::array<Point, 4>& polygon) {
  double twice_area = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point &a = polygon[i], &b = polygon[(i + 1) % 4];
    twice_area += static_cast<double>(a.x_px) * b.y_px - static_cast<double>(b.x_px) * a.y_px;
  }
  return std::abs(twice_area) / 2;
}

bool Contains(const std::array<Point, 4>& polygon, Point p) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (Cross(polygon[i], polygon[(i + 1) % 4], p) < 0) return false;
  }
  return true;
}

bool PlausibleOutline(const Homography& h, const std::array<Point, 4>& corners,
                      const std::array<Point, 4>& polygon, double photo_side_px) {
  for (const Point& c : corners) {
    if (h[6] * c.x_px + h[7] * c.y_px + h[8] <= kMinDepth) return false;
  }
  double twice_area = 0, longest = 0, shortest = 1e18;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point a = polygon[i], b = polygon[(i + 1) % 4], c = polygon[(i + 2) % 4];
    const double ab = Distance(a, b), bc = Distance(b, c);
    // A corner that is mirrored, concave or nearly straight fails.
    if (!(Cross(a, b, c) > kMinSine * ab * bc)) return false;
    twice_area += static_cast<double>(a.x_px) * b.y_px - static_cast<double>(b.x_px) * a.y_px;
    longest = std::max(longest, ab);
    shortest = std::min(shortest, ab);
  }
  for (const double ratio : {Distance(polygon[0], polygon[1]) / Distance(polygon[3], polygon[2]),
                             Distance(polygon[0], polygon[3]) / Distance(polygon[1], polygon[2])}) {
    if (ratio > kMaxForeshortening || ratio < 1 / kMaxForeshortening) return false;
  }
  const double area = twice_area / 2, photo_area = photo_side_px * photo_side_px;
  return area > kMinArea * photo_area && area < kMaxArea * photo_area &&
         longest < kMaxSide * photo_side_px && shortest > kMinSide * photo_side_px;
}

}  // namespace inlier
