// This file is compiled once for each SIMD target (Highway's foreach_target). Sums of whole numbers
// are the same on all of them.
#include "index/direction_products.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "index/direction_products.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

void Products(const std::int8_t* row, const std::int16_t* others, std::size_t count,
              std::size_t bytes, std::int32_t* products) {
  for (std::size_t other = 0; other < count; ++other) {
    const std::int16_t* const values = others + other * bytes;
#if HWY_TARGET == HWY_SCALAR  // has no vector of two halves
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < bytes; ++i) sum += row[i] * values[i];
    products[other] = sum;
#else
    const hn::CappedTag<std::int32_t, 8> d32;
    const hn::Repartition<std::int16_t, decltype(d32)> d16;
    const hn::Rebind<std::int8_t, decltype(d16)> d8;
    auto low = hn::Zero(d32), high = hn::Zero(d32);
    for (std::size_t i = 0; i < bytes; i += hn::Lanes(d16)) {
      const auto a = hn::PromoteTo(d16, hn::LoadU(d8, row + i));
      const auto b = hn::LoadU(d16, values + i);
      AddPairProducts(hn::BitCast(d32, a), hn::BitCast(d32, b), low, high);
    }
    products[other] = hn::GetLane(hn::SumOfLanes(d32, PairProducts(low, high)));
#endif
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(Products);

}  // namespace

void DirectionProducts(const std::int8_t* row, const std::int16_t* others, std::size_t count,
                       std::size_t bytes, std::int32_t* products) {
  HWY_DYNAMIC_DISPATCH(Products)(row, others, count, bytes, products);
}

}  // namespace inlier
#endif  // HWY_ONCE
