#pragma once

#include <cmath>
#include <optional>

namespace inlier {

/// The peak of the quadratic through a sample and its 26 neighbours: its offset from the sample,
/// its height, and the second derivatives within the layer.
struct QuadraticPeak {
  float dx, dy, dlayer, height;
  float dxx, dyy, dxy;

  /// True when the peak is nearer than `steps` in each direction.
  bool Within(float steps) const {
    return std::abs(dx) < steps && std::abs(dy) < steps && std::abs(dlayer) < steps;
  }
};

/// Fits the quadratic. Brown and Lowe, BMVC 2002; Lowe, IJCV 2004, §4, equations 2 and 3; Bay et
/// al., CVIU 2008, §3.4. `value(dx, dy, dlayer)` is the neighbour at these offsets, each −1, 0 or
/// 1. There is no result when the quadratic has no single peak.
template <class Value>
std::optional<QuadraticPeak> FitQuadratic(const Value& value) {
  const float v = value(0, 0, 0);
  const float gx = (value(1, 0, 0) - value(-1, 0, 0)) / 2;
  const float gy = (value(0, 1, 0) - value(0, -1, 0)) / 2;
  const float gs = (value(0, 0, 1) - value(0, 0, -1)) / 2;
  const float dxx = value(1, 0, 0) + value(-1, 0, 0) - 2 * v;
  const float dyy = value(0, 1, 0) + value(0, -1, 0) - 2 * v;
  const float dss = value(0, 0, 1) + value(0, 0, -1) - 2 * v;
  const float dxy = (value(1, 1, 0) - value(-1, 1, 0) - value(1, -1, 0) + value(-1, -1, 0)) / 4;
  const float dxs = (value(1, 0, 1) - value(-1, 0, 1) - value(1, 0, -1) + value(-1, 0, -1)) / 4;
  const float dys = (value(0, 1, 1) - value(0, -1, 1) - value(0, 1, -1) + value(0, -1, -1)) / 4;
  // Solves H o = −g by Cramer's rule.
  const float cxx = dyy * dss - dys * dys, cxy = dxs * dys - dxy * dss, cxs = dxy * dys - dxs * dyy;
  const float cyy = dxx * dss - dxs * dxs, cys = dxy * dxs - dxx * dys, css = dxx * dyy - dxy * dxy;
  const float det = dxx * cxx + dxy * cxy + dxs * cxs;
  if (det == 0) return std::nullopt;
  const float ox = -(cxx * gx + cxy * gy + cxs * gs) / det;
  const float oy = -(cxy * gx + cyy * gy + cys * gs) / det;
  const float os = -(cxs * gx + cys * gy + css * gs) / det;
  return QuadraticPeak{ox, oy, os, v + (gx * ox + gy * oy + gs * os) / 2, dxx, dyy, dxy};
}

}  // namespace inlier
