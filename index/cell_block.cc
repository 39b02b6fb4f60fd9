// Nearest centroids by SIMD. With ‖x − c‖² = ‖x‖² − 2 x·c + ‖c‖², only the products x·c have to be
// computed; ‖c‖² is kept and ‖x‖² left out. Four rows at a time share the loads of the centroids.
//
// The distances of a row are written down before the nearest are taken. Most of them are then left
// out by a bound, vector by vector: putting a cell into a list costs as much as ten vectors of
// distances, and a list that grows cell by cell takes in many that do not stay.
//
// This file is compiled once for each SIMD target (Highway's foreach_target).
#include "index/cell_block.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "index/cell_block.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/products-inl.h"

// foreach_target.h includes this file once for each target; this part is common to all of them.
#ifndef INLIER_INDEX_CELL_BLOCK_ONCE
#define INLIER_INDEX_CELL_BLOCK_ONCE
namespace inlier {
namespace {

constexpr std::size_t kCellPadding = 16;   // cells of a block are a multiple of it
constexpr std::size_t kCellRows = 4;       // of a tile
constexpr std::size_t kCellsAtOnce = 256;  // whose distances are written down

// A block's centroids as CellBlock keeps them.
struct CellColumns {
  const std::int32_t* columns;
  const std::int32_t* norms;
  std::size_t pairs, padded;
};

bool IsNearer(const NearCell& a, const NearCell& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.cell < b.cell;
}

void Insert(NearCell* best, std::size_t probes, NearCell found) {
  std::size_t at = probes - 1;
  for (; at > 0 && IsNearer(found, best[at - 1]); --at) best[at] = best[at - 1];
  best[at] = found;
}

}  // namespace
}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

constexpr std::size_t kMaxLanes = kCellPadding / 2;
using D32 = hn::CappedTag<std::int32_t, kMaxLanes>;
using V32 = hn::Vec<D32>;

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
  // Squared distances without the row's own length: ‖c‖² − 2 x·c.
  HWY_INLINE void Store(const std::int32_t* norms, std::int32_t* out) const {
    const D32 d;
    const V32 a = PairProducts(first, first_high), b = PairProducts(second, second_high);
    hn::Store(hn::Sub(hn::LoadU(d, norms), hn::Add(a, a)), d, out);
    hn::Store(hn::Sub(hn::LoadU(d, norms + hn::Lanes(d)), hn::Add(b, b)), d, out + hn::Lanes(d));
  }
};

void DistancesOfTile(const CellColumns& cells, std::size_t begin, std::size_t end,
                     const std::int16_t* const* rows, std::int32_t* const* out) {
  const std::size_t lanes = hn::Lanes(D32());
  const std::int16_t *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  const V32 zero = hn::Zero(D32());
  for (std::size_t cell = begin; cell < end; cell += 2 * lanes) {
    RowSums s0{zero, zero, zero, zero}, s1 = s0, s2 = s0, s3 = s0;
#pragma GCC unroll 4
    for (std::size_t j = 0; j < cells.pairs; ++j) {
      const std::int32_t* column = cells.columns + j * cells.padded + cell;
      const V32 a = hn::LoadU(D32(), column), b = hn::LoadU(D32(), column + lanes);
      s0.Add(a, b, r0 + 2 * j), s1.Add(a, b, r1 + 2 * j);
      s2.Add(a, b, r2 + 2 * j), s3.Add(a, b, r3 + 2 * j);
    }
    const std::int32_t* norms = cells.norms + cell;
    s0.Store(norms, out[0] + cell - begin), s1.Store(norms, out[1] + cell - begin);
    s2.Store(norms, out[2] + cell - begin), s3.Store(norms, out[3] + cell - begin);
  }
}

// A bound that none of the `probes` least distances exceeds: that many lanes have one within it.
// Lanes that tie are taken for one, which makes the bound larger.
std::int32_t BoundOf(const std::int32_t* distances, std::size_t count, std::size_t probes) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const V32 far = hn::Set(d, std::numeric_limits<std::int32_t>::max());
  V32 first = hn::Load(d, distances), second = hn::Load(d, distances + lanes);
  for (std::size_t i = 2 * lanes; i < count; i += 2 * lanes) {
    first = hn::Min(first, hn::Load(d, distances + i));
    second = hn::Min(second, hn::Load(d, distances + i + lanes));
  }
  for (std::size_t taken = 1; taken < probes; ++taken) {
    const V32 least = hn::MinOfLanes(d, hn::Min(first, second));
    first = hn::IfThenElse(hn::Eq(first, least), far, first);
    second = hn::IfThenElse(hn::Eq(second, least), far, second);
  }
  return hn::GetLane(hn::MinOfLanes(d, hn::Min(first, second)));
}

void TakeNearer(const std::int32_t* distances, std::size_t count, std::int32_t first_cell,
                std::size_t probes, NearCell* best) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const NearCell& worst = best[probes - 1];
  std::int32_t bound = worst.cell < 0 ? BoundOf(distances, count, probes) : worst.distance;
  for (std::size_t i = 0; i < count; i += lanes) {
    if (hn::AllTrue(d, hn::Gt(hn::Load(d, distances + i), hn::Set(d, bound)))) continue;
    for (std::size_t k = i; k < i + lanes; ++k) {
      const NearCell found{distances[k], first_cell + static_cast<std::int32_t>(k)};
      if (found.distance > bound || !IsNearer(found, worst)) continue;
      Insert(best, probes, found);
      bound = std::min(bound, worst.distance);
    }
  }
}

void NearestOfTile(const CellColumns& cells, std::int32_t first, const std::int16_t* const* rows,
                   std::size_t probes, NearCell* const* best, std::size_t row_count) {
  alignas(32) std::int32_t distances[kCellRows][kCellsAtOnce];
  std::int32_t* const out[kCellRows] = {distances[0], distances[1], distances[2], distances[3]};
  for (std::size_t begin = 0; begin < cells.padded; begin += kCellsAtOnce) {
    const std::size_t end = std::min(begin + kCellsAtOnce, cells.padded);
    DistancesOfTile(cells, begin, end, rows, out);
    for (std::size_t row = 0; row < row_count; ++row)
      TakeNearer(distances[row], end - begin, first + static_cast<std::int32_t>(begin), probes,
                 best[row]);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(NearestOfTile);

}  // namespace

CellBlock::CellBlock(std::span<const std::int16_t> centroids, std::size_t dims, std::int32_t first)
    : dims_(dims),
      count_(centroids.size() / dims),
      padded_((count_ + kCellPadding - 1) / kCellPadding * kCellPadding),
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
  const CellColumns cells{columns_.data(), norms_.data(), dims_ / 2, padded_};
  const std::int16_t* tile[kCellRows];
  NearCell* found[kCellRows];
  for (std::size_t begin = 0; begin < rows.size(); begin += kCellRows) {
    const std::size_t count = std::min(kCellRows, rows.size() - begin);
    for (std::size_t r = 0; r < kCellRows; ++r) {
      tile[r] = rows[begin + std::min(r, count - 1)];
      found[r] = best[begin + std::min(r, count - 1)];
    }
    HWY_DYNAMIC_DISPATCH(NearestOfTile)(cells, first_, tile, probes, found, count);
  }
}

}  // namespace inlier
#endif  // HWY_ONCE
