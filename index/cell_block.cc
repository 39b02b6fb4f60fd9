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

using D32 = hn::ScalableTag<std::int32_t>;
using V32 = hn::Vec<D32>;

constexpr std::size_t kTile = 4;  // rows that share the loads of the cells

void Insert(NearCell* best, std::size_t probes, NearCell found) {
  std::size_t at = probes - 1;
  for (; at > 0 && best[at - 1].distance > found.distance; --at) best[at] = best[at - 1];
  best[at] = found;
}

void NearestOfTile(const std::int32_t* columns, const std::int32_t* norms, std::size_t pairs,
                   std::size_t padded, std::int32_t first, const std::int16_t* const* rows,
                   std::size_t probes, NearCell* const* best, std::size_t row_count) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  alignas(64) std::int32_t spill[HWY_MAX_BYTES / sizeof(std::int32_t)];
  for (std::size_t lane = 0; lane < padded; lane += lanes) {
    V32 low[kTile], high[kTile];
    for (std::size_t r = 0; r < kTile; ++r) low[r] = high[r] = hn::Zero(d);
    for (std::size_t j = 0; j < pairs; ++j) {
      const auto cells = hn::LoadU(d, columns + j * padded + lane);
      for (std::size_t r = 0; r < kTile; ++r) {
        std::int32_t pair;
        std::memcpy(&pair, rows[r] + 2 * j, sizeof(pair));
        AddPairProducts(cells, hn::Set(d, pair), low[r], high[r]);
      }
    }
    const auto norm = hn::LoadU(d, norms + lane);
    for (std::size_t r = 0; r < row_count; ++r) {
      const auto product = PairProducts(low[r], high[r]);
      const auto distance = hn::Sub(norm, hn::Add(product, product));
      NearCell& worst = best[r][probes - 1];
      if (hn::AllFalse(d, hn::Lt(distance, hn::Set(d, worst.distance)))) continue;
      hn::StoreU(distance, d, spill);
      for (std::size_t i = 0; i < lanes; ++i) {
        if (spill[i] < worst.distance)
          Insert(best[r], probes, {spill[i], first + static_cast<std::int32_t>(lane + i)});
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(NearestOfTile);
constexpr std::size_t kPadding = 16;  // lanes of the widest target
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
