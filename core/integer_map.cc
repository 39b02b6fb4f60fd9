// Each SIMD lane is an output. Two neighbouring bytes of the row are broadcast to all lanes and
// multiplied with two values of each output at once, so there is no sum across lanes. This file is
// compiled once for each SIMD target (Highway's foreach_target).
#include "core/integer_map.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/integer_map.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

// The sums of two vectors of outputs stay in registers, so that each pair of bytes serves both.
void SumProducts(const std::int32_t* columns, std::size_t padded, const std::int32_t* pairs,
                 std::size_t pair_count, std::size_t outputs, std::int32_t* out) {
  const hn::CappedTag<std::int32_t, 8> d;
  const std::size_t lanes = hn::Lanes(d);
  alignas(64) std::int32_t spill[2 * 8];
  for (std::size_t lane = 0; lane < outputs; lane += 2 * lanes) {
    auto low0 = hn::Zero(d), high0 = low0, low1 = low0, high1 = low0;
#pragma GCC unroll 4
    for (std::size_t j = 0; j < pair_count; ++j) {
      const std::int32_t* column = columns + j * padded + lane;
      const auto pair = hn::Set(d, pairs[j]);
      AddPairProducts(hn::LoadU(d, column), pair, low0, high0);
      AddPairProducts(hn::LoadU(d, column + lanes), pair, low1, high1);
    }
    hn::StoreU(PairProducts(low0, high0), d, spill);
    hn::StoreU(PairProducts(low1, high1), d, spill + lanes);
    const std::size_t count = outputs - lane < 2 * lanes ? outputs - lane : 2 * lanes;
    std::memcpy(out + lane, spill, count * sizeof(std::int32_t));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(SumProducts);
constexpr std::size_t kPadding = 16;

// As AddPairProducts takes them: the first value in the lower half.
std::int32_t Pair(std::int16_t first, std::int16_t second) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::uint16_t>(second))
                                       << 16 |
                                   static_cast<std::uint16_t>(first));
}

}  // namespace

IntegerMap::IntegerMap(std::span<const std::int16_t> matrix, std::size_t inputs)
    : inputs_(inputs),
      outputs_(matrix.size() / inputs),
      padded_((outputs_ + kPadding - 1) / kPadding * kPadding),
      columns_((inputs + 1) / 2 * padded_) {
  for (std::size_t i = 0; i < outputs_; ++i) {
    const std::int16_t* row = &matrix[i * inputs];
    for (std::size_t j = 0; j < inputs; j += 2)
      columns_[j / 2 * padded_ + i] = Pair(row[j], j + 1 < inputs ? row[j + 1] : std::int16_t{0});
  }
}

void IntegerMap::Apply(const std::uint8_t* row, std::int32_t* out) const {
  thread_local std::vector<std::int32_t> pairs;
  pairs.resize((inputs_ + 1) / 2);
  for (std::size_t j = 0; j < inputs_; j += 2)
    pairs[j / 2] = Pair(row[j], j + 1 < inputs_ ? std::int16_t{row[j + 1]} : std::int16_t{0});
  HWY_DYNAMIC_DISPATCH(SumProducts)
  (columns_.data(), padded_, pairs.data(), pairs.size(), outputs_, out);
}

}  // namespace inlier
#endif  // HWY_ONCE
