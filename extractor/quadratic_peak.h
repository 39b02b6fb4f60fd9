#pragma once

#include <cmath>
#include <cstddef>
#include <optional>

namespace inlier {

/// Where a quadratic through 27 neighbours has its peak: offsets from the middle one, and its
/// height.
struct Peak {
  float dx, dy, dlayer, height;
};

/// Brown and Lowe, BMVC 2002; Bay et al., CVIU 2008, §3.4. `around`: the rows y − 1, y, y + 1 of
/// the layers below, at and above; `x` is the middle. None if the peak lies a whole step away or
/// further.
inline std::optional<Peak> FitQuadratic(const float* const around[9], std::size_t x) {
  const auto value = [&](int dx, int dy, int ds) {
    return around[(ds + 1) * 3 + dy + 1][static_cast<std::ptrdiff_t>(x) + dx];
  };
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
  if (!(std::abs(ox) < 1 && std::abs(oy) < 1 && std::abs(os) < 1)) return std::nullopt;
  return Peak{ox, oy, os, v + (gx * ox + gy * oy + gs * os) / 2};
}

}  // namespace inlier
