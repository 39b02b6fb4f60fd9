#include "render/cloth.h"

#include <cmath>
#include <numbers>

namespace inlier {

Cloth::Cloth(double amplitude, Draws draws) {
  if (amplitude <= 0) return;
  constexpr int kFolds = 6, kShears = 2;
  double lengths = 0;
  for (int i = 0; i < kFolds; ++i) {
    const double angle = draws.Angle_rad();
    const double length = draws.Uniform(0.2, 0.9);
    // Long folds rise higher, so that all are equally steep.
    folds_.push_back({std::cos(angle), std::sin(angle), 2 * std::numbers::pi / length,
                      draws.Angle_rad(), length});
    lengths += length;
  }
  for (Wave& fold : folds_) fold.amplitude *= amplitude / lengths;
  for (int i = 0; i < kShears; ++i) {
    const double angle = draws.Angle_rad();
    shears_.push_back({std::cos(angle), std::sin(angle),
                       2 * std::numbers::pi / draws.Uniform(0.9, 1.6), draws.Angle_rad(),
                       amplitude / kShears});
  }
}

std::array<double, 3> Cloth::At(double x, double y) const {
  std::array<double, 3> to{x, y, 0};
  for (const Wave& fold : folds_) {
    const double s = fold.x * x + fold.y * y;
    const double at = fold.frequency * s + fold.phase_rad;
    to[2] += fold.amplitude * std::sin(at);
    // A length ds of cloth that lies along z = a sin(ks + φ) has a shorter footprint. To second
    // order it falls short by the integral of half the squared slope.
    const double slope = fold.amplitude * fold.frequency;
    const double swing = (std::sin(2 * at) - std::sin(2 * fold.phase_rad)) / (2 * fold.frequency);
    const double drawn = slope * slope / 4 * (s + swing);
    to[0] -= drawn * fold.x;
    to[1] -= drawn * fold.y;
  }
  for (const Wave& shear : shears_) {
    // The shear moves points across the direction in which it varies.
    const double by =
        shear.amplitude * std::sin(shear.frequency * (shear.x * x + shear.y * y) + shear.phase_rad);
    to[0] -= by * shear.y;
    to[1] += by * shear.x;
  }
  return to;
}

}  // namespace inlier
