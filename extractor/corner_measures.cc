// What is measured around a corner: Harris' measure from the gradients of its neighbourhood, to
// rank corners (Harris and Stephens, 1988), and the centroid of the grey levels in a disc, whose
// direction is the orientation (Rublee et al., ICCV 2011, §3.2). Only whole numbers are used, so
// every machine gets the same results.
#include "extractor/corner_measures.h"

#include <array>
#include <cmath>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/corner_measures.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef INLIER_EXTRACTOR_DISC
#define INLIER_EXTRACTOR_DISC
namespace inlier {

// The lower half of a disc, from row 0 to the radius: all bits are set where the pixel is inside.
// Column 0 is x = −radius.
struct Disc {
  std::int16_t inside[kCentroidRadius_px + 1][32] = {};
  std::int16_t x[32] = {};

  constexpr Disc() {
    for (int dx = 0; dx <= 2 * kCentroidRadius_px; ++dx) {
      x[dx] = static_cast<std::int16_t>(dx - kCentroidRadius_px);
      for (int dy = 0; dy <= kCentroidRadius_px; ++dy) {
        // r (r + 1) stands for a radius of r + ½, which gives the usual disc.
        if (x[dx] * x[dx] + dy * dy <= kCentroidRadius_px * (kCentroidRadius_px + 1))
          inside[dy][dx] = -1;
      }
    }
  }
};
inline constexpr Disc kDisc;

}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void Gradients(const BytePlane& image, int x, int y, GradientSums& out) {
  // The seven columns are in eight lanes, and the last lane is masked.
  alignas(16) static constexpr std::int16_t kInside[8] = {-1, -1, -1, -1, -1, -1, -1, 0};
  const hn::CappedTag<std::int16_t, 8> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const hn::Repartition<std::int32_t, decltype(d)> sums;
  auto xx0 = hn::Zero(sums), xx1 = xx0, xy0 = xx0, xy1 = xx0, yy0 = xx0, yy1 = xx0;
  for (int lane = 0; lane < 8; lane += static_cast<int>(hn::Lanes(d))) {
    const auto inside = hn::Load(d, kInside + lane);
    const auto difference = [&](int dy, auto& smooth) {
      const std::uint8_t* p = image.row(y + dy) + x - 4 + lane;
      const auto left = hn::PromoteTo(d, hn::LoadU(bytes, p));
      const auto middle = hn::PromoteTo(d, hn::LoadU(bytes, p + 1));
      const auto right = hn::PromoteTo(d, hn::LoadU(bytes, p + 2));
      smooth = hn::Add(hn::Add(left, right), hn::Add(middle, middle));
      return hn::Sub(right, left);
    };
    auto smooth_above = hn::Zero(d), smooth_at = smooth_above, smooth_below = smooth_above;
    auto above = difference(-4, smooth_above), at = difference(-3, smooth_at);
    for (int dy = -3; dy <= 3; ++dy) {
      const auto below = difference(dy + 1, smooth_below);
      const auto gx = hn::And(inside, hn::Add(hn::Add(above, below), hn::Add(at, at)));
      const auto gy = hn::And(inside, hn::Sub(smooth_below, smooth_above));
      xx0 = hn::ReorderWidenMulAccumulate(sums, gx, gx, xx0, xx1);
      xy0 = hn::ReorderWidenMulAccumulate(sums, gx, gy, xy0, xy1);
      yy0 = hn::ReorderWidenMulAccumulate(sums, gy, gy, yy0, yy1);
      above = at, at = below;
      smooth_above = smooth_at, smooth_at = smooth_below;
    }
  }
  const auto total = [&](auto a, auto b) {
    return hn::GetLane(hn::SumOfLanes(sums, hn::Add(a, b)));
  };
  out = {total(xx0, xx1), total(xy0, xy1), total(yy0, yy1)};
}

void Moments(const BytePlane& image, int x, int y, Centroid& out) {
  const hn::CappedTag<std::int16_t, 32> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const hn::Repartition<std::int32_t, decltype(d)> sums;
  auto x0 = hn::Zero(sums), x1 = x0, y0 = x0, y1 = x0;
  for (int lane = 0; lane < 32; lane += static_cast<int>(hn::Lanes(d))) {
    const auto row = [&](int dy) {
      return hn::PromoteTo(d, hn::LoadU(bytes, image.row(y + dy) + x - kCentroidRadius_px + lane));
    };
    // The rows at the same distance above and below are taken together: their sum counts for x, and
    // their difference for y. All numbers fit 16 bits: the sums of a column are at most 31 × 255,
    // and those for y at most (1 + … + 15) × 255 < 2¹⁵.
    auto of_columns = hn::And(row(0), hn::LoadU(d, kDisc.inside[0] + lane));
    auto of_rows = hn::Zero(d);
    for (int dy = 1; dy <= kCentroidRadius_px; ++dy) {
      const auto inside = hn::LoadU(d, kDisc.inside[dy] + lane);
      const auto above = hn::And(inside, row(-dy)), below = hn::And(inside, row(dy));
      of_columns = hn::Add(of_columns, hn::Add(above, below));
      of_rows = hn::Add(of_rows,
                        hn::Mul(hn::Sub(below, above), hn::Set(d, static_cast<std::int16_t>(dy))));
    }
    x0 = hn::ReorderWidenMulAccumulate(sums, of_columns, hn::LoadU(d, kDisc.x + lane), x0, x1);
    y0 = hn::ReorderWidenMulAccumulate(sums, of_rows, hn::Set(d, 1), y0, y1);
  }
  out.x = hn::GetLane(hn::SumOfLanes(sums, hn::Add(x0, x1)));
  out.y = hn::GetLane(hn::SumOfLanes(sums, hn::Add(y0, y1)));
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {
HWY_EXPORT(Gradients);
HWY_EXPORT(Moments);

// The directions at every half step. The odd ones are the limits between two directions.
std::array<TurnVector, 2 * kTurns> HalfSteps() {
  std::array<TurnVector, 2 * kTurns> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double angle_rad = static_cast<double>(i) * std::numbers::pi / kTurns;
    out[i] = {static_cast<std::int32_t>(std::lround(std::cos(angle_rad) * (1 << kTurnOne_log2))),
              static_cast<std::int32_t>(std::lround(std::sin(angle_rad) * (1 << kTurnOne_log2)))};
  }
  return out;
}
const std::array<TurnVector, 2 * kTurns> kHalfSteps = HalfSteps();

}  // namespace

GradientSums SumGradients(const BytePlane& image, int x, int y) {
  GradientSums out;
  HWY_DYNAMIC_DISPATCH(Gradients)(image, x, y, out);
  return out;
}

Centroid CentroidOf(const BytePlane& image, int x, int y) {
  Centroid out;
  HWY_DYNAMIC_DISPATCH(Moments)(image, x, y, out);
  return out;
}

TurnVector VectorOf(std::uint8_t turn) { return kHalfSteps[2 * turn]; }

std::uint8_t Centroid::Turn() const {
  // First the half plane, below (0 to ½ turn) or above. Then the interval is halved again and
  // again: the point lies to one side or the other of the direction in its middle.
  const auto left_of = [this](std::size_t half_step) {
    const TurnVector v = kHalfSteps[half_step & (2 * kTurns - 1)];
    return std::int64_t{v.cos} * y - std::int64_t{v.sin} * x >= 0;
  };
  if (x == 0 && y == 0) return 0;
  std::size_t low = y > 0 || (y == 0 && x > 0) ? 0 : kTurns;  // in half steps
  for (std::size_t width = kTurns / 2; width > 0; width /= 2) {
    if (left_of(low + width)) low += width;
  }
  return static_cast<std::uint8_t>((low + 1) / 2);
}

}  // namespace inlier
#endif  // HWY_ONCE
