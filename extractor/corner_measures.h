#pragma once

#include <cstdint>

#include "extractor/byte_plane.h"

namespace inlier {

/// Sums over the 7×7 pixels about a point, of Sobel gradients.
struct GradientSums {
  std::int64_t xx = 0, xy = 0, yy = 0;

  /// det − 0.04 trace², times 25: whole numbers. Harris and Stephens, 1988.
  std::int64_t Harris() const { return 25 * (xx * yy - xy * xy) - (xx + yy) * (xx + yy); }
};

/// Reach of SumGradients.
constexpr int kHarrisReach_px = 4;

GradientSums SumGradients(const BytePlane& image, int x, int y);

/// Radius of the disc whose centroid gives a corner its orientation.
constexpr int kCentroidRadius_px = 15;

/// Moments of the grey levels in the disc about a point. Rublee et al., ICCV 2011, §3.2.
struct Centroid {
  std::int32_t x = 0, y = 0;

  /// Direction from the point, in 1/256 of the full turn, clockwise with y down. Decided by whole
  /// numbers.
  std::uint8_t Turn() const;
};

Centroid CentroidOf(const BytePlane& image, int x, int y);

/// The unit vector of a direction in 1/256 turns, times 16,384.
struct TurnVector {
  std::int32_t cos = 0, sin = 0;
};
constexpr int kTurns = 256;
constexpr int kTurnOne_log2 = 14;
TurnVector VectorOf(std::uint8_t turn);

}  // namespace inlier
