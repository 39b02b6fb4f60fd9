// Nearest centroids by SIMD. With ‖x − c‖² = ‖x‖² − 2 x·c + ‖c‖², only the products x·c have to be
// computed; ‖c‖² is kept and ‖x‖² left out. Four rows at a time share the loads of the centroids.
// This file is compiled once for each SIMD target (Highway's foreach_target).
#include "index/cell_block.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "index/cell_block.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

constexpr std::size_t kMostLanes = 8;
using D32 = hn::CappedTag<std::int32_t, kMostLanes>;
using V32 = hn::Vec<D32>;

void Insert(NearCell* best, std::size_t probes, NearCell found) {
  std::size_t at = probes - 1;
  for (; at > 0 && best[at - 1].distance > found.distance; --at) best[at] = best[at - 1];
  best[at] = found;
}

// The products of one row with two vectors of cells. These are plain members because compilers do
// not keep arrays in registers.
struct RowSums {
  V32 first, second, first_high, second_high;

  HWY_INLINE void Add(V32 a, V32 b, const std::int16_t* values) {
    std::int32_t pair;
    std::memcpy(&pair, values, sizeof(pair));
    const V32 row = hn::Set(D32(), pair);
    AddPairProducts(a, row, first, first_high);
    AddPairProducts(b, row, second, second_high);
  }
};

// Puts the cells of one vector that are nearer into the list of one row.
HWY_INLINE void TakeNearer(V32 products, const std::int32_t* norms, std::int32_t first_cell,
                           std::size_t probes, NearCell* best) {
  const D32 d;
  const V32 distance = hn::Sub(hn::LoadU(d, norms), hn::Add(products, products));
  const NearCell& worst = best[probes - 1];
  if (hn::AllFalse(d, hn::Lt(distance, hn::Set(d, worst.distance)))) return;
  alignas(32) std::int32_t spill[kMostLanes];
  hn::StoreU(distance, d, spill);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) {
    if (spill[i] < worst.distance)
      Insert(best, probes, {spill[i], first_cell + static_cast<std::int32_t>(i)});
  }
}

void NearestOfTile(const std::int32_t* columns, const std::int32_t* norms, std::size_t pairs,
                   std::size_t padded, std::int32_t first, const std::int16_t* const* rows,
                   std::size_t probes, NearCell* const* best, std::size_t row_count) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::int16_t *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  const V32 zero = hn::Zero(d);
  for (std::size_t lane = 0; lane < padded; lane += 2 * lanes) {
    RowSums s0{zero, zero, zero, zero}, s1 = s0, s2 = s0, s3 = s0;
#pragma GCC unroll 4
    for (std::size_t j = 0; j < pairs; ++j) {
      const std::int32_t* column = columns + j * padded + lane;
      const V32 a = hn::LoadU(d, column), b = hn::LoadU(d, column + lanes);
      s0.Add(a, b, r0 + 2 * j), s1.Add(a, b, r1 + 2 * j);
      s2.Add(a, b, r2 + 2 * j), s3.Add(a, b, r3 + 2 * j);
    }
    const auto take = [&](const RowSums& sums, std::size_t row) {
      if (row >= row_count) return;
      const auto cell = first + static_cast<std::int32_t>(lane);
      TakeNearer(PairProducts(sums.first, sums.first_high), norms + lane, cell, probes, best[row]);
      TakeNearer(PairProducts(sums.second, sums.second_high), norms + lane + lanes,
                 cell + static_cast<std::int32_t>(lanes), probes, best[row]);
    };
    take(s0, 0), take(s1, 1), take(s2, 2), take(s3, 3);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(NearestOfTile);
constexpr std::size_t kPadding = 16;  // two vectors of kMostLanes
constexpr std::size_t kRowsAtOnce = 4;

}  // namespace

CellBlock::CellBlock(std::span<const std::int16_t> centroids, std::size_t dims, std::int32_t first)
    : dims_(dims),
      count_(centroids.size() / dims),
      padded_((count_ + kPadding - 1) / kPadding * kPadding),
      first_(first) {
  columns_.assign(dims / 2 * padded_, 0);
  // The cells that pad the last vector are farther than any.
  norms_.assign(padded_, std::numeric_limits<std::int32_t>::max());
  for (std::size_t cell = 0; cell < count_; ++cell) {
    norms_[cell] = 0;
    for (std::size_t i = 0; i < dims; i += 2) {
      const std::int16_t* pair = &centroids[cell * dims + i];
      std::memcpy(&columns_[i / 2 * padded_ + cell], pair, sizeof(std::int32_t));
      norms_[cell] += pair[0] * pair[0] + pair[1] * pair[1];
    }
  }
}

void CellBlock::Nearest(std::span<const std::int16_t* const> rows, std::size_t probes,
                        std::span<NearCell* const> best) const {
  const std::int16_t* tile[kRowsAtOnce];
  NearCell* found[kRowsAtOnce];
  for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
    const std::size_t count = std::min(kRowsAtOnce, rows.size() - begin);
    for (std::size_t r = 0; r < kRowsAtOnce; ++r) {
      tile[r] = rows[begin + std::min(r, count - 1)];
      found[r] = best[begin + std::min(r, count - 1)];
    }
    HWY_DYNAMIC_DISPATCH(NearestOfTile)
    (columns_.data(), norms_.data(), dims_ / 2, padded_, first_, tile, probes, found, count);
  }
}

}  // namespace inlier
#endif  // HWY_ONCE
