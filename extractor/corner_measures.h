#pragma once

#include <cstdint>

#include "extractor/byte_plane.h"

namespace inlier {

/// Sums of the products of Sobel gradients over the 7 × 7 pixels around a point.
struct GradientSums {
  std::int64_t xx = 0, xy = 0, yy = 0;

  /// Harris' measure det − 0.04 trace², times 25 to make it a whole number. Harris and Stephens, "A
  /// combined corner and edge detector", 1988.
  std::int64_t Harris() const { return 25 * (xx * yy - xy * xy) - (xx + yy) * (xx + yy); }
};

/// How far SumGradients reads from the point.
constexpr int kHarrisReach_px = 4;

GradientSums SumGradients(const BytePlane& image, int x, int y);

/// The radius of the disc whose centroid gives a corner its orientation.
constexpr int kCentroidRadius_px = 15;

/// The first moments of the grey levels in the disc around a point. Rublee et al., ICCV 2011, §3.2.
struct Centroid {
  std::int32_t x = 0, y = 0;

  /// The direction from the point to the centroid, in 1/256 of the full turn, clockwise with y
  /// down. It is decided with whole numbers only.
  std::uint8_t Turn() const;
};

Centroid CentroidOf(const BytePlane& image, int x, int y);

/// The unit vector of a direction, times 2^kTurnOne_log2.
struct TurnVector {
  std::int32_t cos = 0, sin = 0;
};
constexpr int kTurns = 256;
constexpr int kTurnOne_log2 = 14;
TurnVector VectorOf(std::uint8_t turn);

}  // namespace inlier
