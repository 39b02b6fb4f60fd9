// An arctangent for the kernels of one SIMD target. It is included once for each target, so it has
// no #pragma once. Include <hwy/highway.h> first.
#if defined(INLIER_EXTRACTOR_TURN_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef INLIER_EXTRACTOR_TURN_INL_H
#undef INLIER_EXTRACTOR_TURN_INL_H
#else
#define INLIER_EXTRACTOR_TURN_INL_H
#endif

#include <numbers>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// atan2 as a share of the full turn, in [0, 1), with an error below 2e-6 of a turn. A polynomial
// gives the arctangent of the smaller over the larger leg (Abramowitz and Stegun, 4.4.49); then the
// signs and the larger leg decide on the octant.
template <class V>
HWY_INLINE V Turn(V dy, V dx) {
  const hn::DFromV<V> d;
  const auto ax = hn::Abs(dx), ay = hn::Abs(dy);
  const auto larger = hn::Max(hn::Max(ax, ay), hn::Set(d, 1e-20f));
  const auto q = hn::Div(hn::Min(ax, ay), larger);
  const auto q2 = hn::Mul(q, q);
  auto p = hn::Set(d, 0.0028662257f);
#pragma GCC unroll 8
  for (const float c : {-0.0161657367f, 0.0429096138f, -0.0752896400f, 0.1065626393f,
                        -0.1420889944f, 0.1999355085f, -0.3333314528f, 1.0f}) {
    p = hn::Add(hn::Mul(p, q2), hn::Set(d, c));
  }
  auto turn = hn::Mul(hn::Mul(p, q), hn::Set(d, static_cast<float>(0.5 / std::numbers::pi)));
  turn = hn::IfThenElse(hn::Gt(ay, ax), hn::Sub(hn::Set(d, 0.25f), turn), turn);
  turn = hn::IfThenElse(hn::Lt(dx, hn::Zero(d)), hn::Sub(hn::Set(d, 0.5f), turn), turn);
  turn = hn::IfThenElse(hn::Lt(dy, hn::Zero(d)), hn::Sub(hn::Set(d, 1.0f), turn), turn);
  return hn::IfThenElse(hn::Ge(turn, hn::Set(d, 1.0f)), hn::Zero(d), turn);
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#endif
