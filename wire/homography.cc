#include "wire/homography.h"

namespace inlier::wire {

std::array<double, 9> HomographyOf(const std::array<Point, 4>& polygon, double width_px,
                                   double height_px) {
  const auto x = [&](int i) {
    return static_cast<double>(polygon[static_cast<std::size_t>(i)].x_px);
  };
  const auto y = [&](int i) {
    return static_cast<double>(polygon[static_cast<std::size_t>(i)].y_px);
  };
  // From the unit square to the polygon.
  const double dx1 = x(1) - x(2), dx2 = x(3) - x(2), sx = x(0) - x(1) + x(2) - x(3);
  const double dy1 = y(1) - y(2), dy2 = y(3) - y(2), sy = y(0) - y(1) + y(2) - y(3);
  const double area = dx1 * dy2 - dx2 * dy1;
  if (area == 0 || width_px <= 0 || height_px <= 0) return {};
  const double g = (sx * dy2 - dx2 * sy) / area, h = (dx1 * sy - sx * dy1) / area;
  const double a = x(1) - x(0) + g * x(1), b = x(3) - x(0) + h * x(3);
  const double d = y(1) - y(0) + g * y(1), e = y(3) - y(0) + h * y(3);
  // Pixels of the picture to the unit square: u = (column + 1/2) / width, v likewise.
  std::array<double, 9> m{};
  const auto row = [&](std::size_t at, double along_x, double along_y, double constant) {
    m[at] = along_x / width_px;
    m[at + 1] = along_y / height_px;
    m[at + 2] = constant + along_x / (2 * width_px) + along_y / (2 * height_px);
  };
  row(0, a, b, x(0));
  row(3, d, e, y(0));
  row(6, g, h, 1);
  const double last = m[8];
  if (last == 0) return {};
  for (double& value : m) value /= last;
  return m;
}

}  // namespace inlier::wire
