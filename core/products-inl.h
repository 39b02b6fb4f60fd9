// Sums of products of 16-bit numbers, for the kernels of one SIMD target. It is included once for
// each target, so it has no #pragma once. Include <hwy/highway.h> first.
#if defined(INLIER_CORE_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef INLIER_CORE_PRODUCTS_INL_H_
#undef INLIER_CORE_PRODUCTS_INL_H_
#else
#define INLIER_CORE_PRODUCTS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Adds the products a₀ b₀ + a₁ b₁ of the two signed 16-bit halves of each lane. Each target
/// spreads the sums over `low` and `high` in its own way; PairProducts joins them.
template <class V32>
HWY_INLINE void AddPairProducts(V32 a, V32 b, V32& low, V32& high) {
#if HWY_TARGET == HWY_SCALAR  // has no vector of two halves
  const V32 a0 = hn::ShiftRight<16>(hn::ShiftLeft<16>(a)),
            b0 = hn::ShiftRight<16>(hn::ShiftLeft<16>(b));
  low =
      hn::Add(low, hn::Add(hn::Mul(a0, b0), hn::Mul(hn::ShiftRight<16>(a), hn::ShiftRight<16>(b))));
  static_cast<void>(high);
#else
  const hn::DFromV<V32> d32;
  const hn::Repartition<std::int16_t, hn::DFromV<V32> > d16;
  low = hn::ReorderWidenMulAccumulate(d32, hn::BitCast(d16, a), hn::BitCast(d16, b), low, high);
#endif
}

/// The sums that AddPairProducts has made in `low` and `high`.
template <class V32>
HWY_INLINE V32 PairProducts(V32 low, V32 high) {
#if HWY_TARGET == HWY_SCALAR
  static_cast<void>(high);
  return low;
#else
  return hn::RearrangeToOddPlusEven(low, high);
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#endif
