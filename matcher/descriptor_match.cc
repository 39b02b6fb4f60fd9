// Exhaustive nearest-neighbour search between the descriptors of a photo and of one item, with SIMD
// through Highway.
//
// The photo is packed once (PackDescriptors) and then compared with many items. Distances takes a
// tile of four rows of the item and two vectors of photo lanes, and keeps their eight sums in
// registers. For bytes it uses |a − b|² = |a|² + |b|² − 2ab: the sums are the products ab in 16-bit
// pairs, and |a|² of the photo is added only at the end, since it does not change the order in a
// lane. For bits it counts the bits that differ. Search walks over all lanes and tiles; BestRows
// keeps the two nearest rows of each lane, and the item's side keeps its nearest lane.
#include "matcher/descriptor_match.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "matcher/descriptor_match.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/products-inl.h"

// foreach_target.h includes this file once for each target; this part is common to all of them.
#ifndef INLIER_MATCHER_DESCRIPTOR_MATCH_ONCE
#define INLIER_MATCHER_DESCRIPTOR_MATCH_ONCE
namespace inlier {
namespace {

constexpr std::size_t kBlockLanes = PackedDescriptors::kBlockLanes;
// Larger than any distance, and small enough that adding a norm stays within 32 bits.
constexpr std::int32_t kFar = 0x3FFFFFFF;
constexpr std::size_t kPaddedRows = 4;  // that a tile may read behind the last row

std::size_t ColumnsOf(const PackedDescriptors& packed) {
  return static_cast<std::size_t>(packed.row_bytes) /
         (packed.kind == DescriptorKind::kBytes ? 2 : 4);
}

}  // namespace
}  // namespace inlier
#endif

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D32 = hn::CappedTag<std::int32_t, kBlockLanes / 2>;
using V32 = hn::Vec<D32>;

// A tile: the sums of so many rows and two vectors of photo lanes stay in registers, and each
// vector that is loaded serves all of its rows.
constexpr std::size_t kItemTile = kPaddedRows;

// The sums of one row with two vectors of photo lanes. These are plain members because compilers do
// not keep arrays in registers.
struct RowSums {
  V32 first, second, first_high, second_high;

  HWY_INLINE void AddBytes(V32 a, V32 b, const std::int16_t* values) {
    std::int32_t pair;
    std::memcpy(&pair, values, sizeof(pair));
    const V32 row = hn::Set(D32(), pair);
    AddPairProducts(a, row, first, first_high);
    AddPairProducts(b, row, second, second_high);
  }
  HWY_INLINE void AddBits(V32 a, V32 b, const std::int16_t* values) {
    std::int32_t word;
    std::memcpy(&word, values, sizeof(word));
    const V32 row = hn::Set(D32(), word);
    first = hn::Add(first, Differing(a, row));
    second = hn::Add(second, Differing(b, row));
  }
  // Squared distances without the photo's norm: |b|² − 2ab.
  HWY_INLINE void StoreBytes(std::int32_t norm, std::int32_t* out) const {
    const V32 row = hn::Set(D32(), norm);
    const V32 a = PairProducts(first, first_high), b = PairProducts(second, second_high);
    hn::StoreU(hn::Sub(row, hn::Add(a, a)), D32(), out);
    hn::StoreU(hn::Sub(row, hn::Add(b, b)), D32(), out + hn::Lanes(D32()));
  }
  HWY_INLINE void StoreBits(std::int32_t* out) const {
    hn::StoreU(first, D32(), out);
    hn::StoreU(second, D32(), out + hn::Lanes(D32()));
  }

 private:
  static HWY_INLINE V32 Differing(V32 a, V32 b) {
    return hn::BitCast(
        D32(), hn::PopulationCount(hn::BitCast(hn::RebindToUnsigned<D32>(), hn::Xor(a, b))));
  }
};

// The distances of kItemTile rows to two vectors of photo lanes (for bytes without the photo's
// norms). Those of row r are written at out + 2r vectors. `columns` points to the first lane of the
// first vector; `count` is at least one. This function is not inlined, so that all registers are
// free for the sums.
template <DescriptorKind kKind>
HWY_NOINLINE void Distances(const std::uint32_t* columns, std::size_t count,
                            const std::int16_t* const* rows, const std::int32_t* row_norms,
                            std::int32_t* out) {
  constexpr bool kBytes = kKind == DescriptorKind::kBytes;
  const D32 d32;
  const std::size_t lanes = hn::Lanes(d32);
  const std::int16_t *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  const V32 zero = hn::Zero(d32);
  RowSums s0{zero, zero, zero, zero}, s1 = s0, s2 = s0, s3 = s0;
#pragma GCC unroll 4
  for (std::size_t j = 0; j < count; ++j) {
    const auto* column = reinterpret_cast<const std::int32_t*>(columns + j * kBlockLanes);
    const V32 a = hn::LoadU(d32, column), b = hn::LoadU(d32, column + lanes);
    if constexpr (kBytes) {
      s0.AddBytes(a, b, r0 + 2 * j), s1.AddBytes(a, b, r1 + 2 * j);
      s2.AddBytes(a, b, r2 + 2 * j), s3.AddBytes(a, b, r3 + 2 * j);
    } else {
      s0.AddBits(a, b, r0 + 2 * j), s1.AddBits(a, b, r1 + 2 * j);
      s2.AddBits(a, b, r2 + 2 * j), s3.AddBits(a, b, r3 + 2 * j);
    }
  }
  if constexpr (kBytes) {
    s0.StoreBytes(row_norms[0], out), s1.StoreBytes(row_norms[1], out + 2 * lanes);
    s2.StoreBytes(row_norms[2], out + 4 * lanes), s3.StoreBytes(row_norms[3], out + 6 * lanes);
  } else {
    s0.StoreBits(out), s1.StoreBits(out + 2 * lanes);
    s2.StoreBits(out + 4 * lanes), s3.StoreBits(out + 6 * lanes);
  }
}

// The two nearest rows so far, for each lane of one vector.
struct BestRows {
  V32 best, second, index;

  HWY_INLINE void Update(V32 distance, V32 row) {
    const auto closer = hn::Lt(distance, best);
    second = hn::Min(second, hn::Max(distance, best));
    best = hn::Min(distance, best);
    index = hn::IfThenElse(closer, row, index);
  }
  void Store(const std::int32_t* norms, Nearest* out, std::size_t count) const {
    const D32 d32;
    std::int32_t spill[3][kBlockLanes];
    hn::StoreU(best, d32, spill[0]);
    hn::StoreU(second, d32, spill[1]);
    hn::StoreU(index, d32, spill[2]);
    for (std::size_t i = 0; i < count; ++i) {
      out[i].best = spill[0][i] + norms[i];
      // An item with a single row has no second nearest.
      if (spill[1][i] != kFar) out[i].second = spill[1][i] + norms[i];
      out[i].index = spill[2][i];
    }
  }
};

// Replaces the nearest lane of a row of the item if one of two vectors of distances is closer; the
// first vector begins at `lane`. After some rows of the photo that is rarely so, hence the early
// return.
HWY_INLINE void UpdateItem(V32 first, V32 second, std::size_t lane, Nearest& item) {
  const D32 d32;
  const V32 nearer = hn::Min(first, second);
  if (hn::AllFalse(d32, hn::Lt(nearer, hn::Set(d32, item.best)))) return;
  item.best = hn::GetLane(hn::MinOfLanes(d32, nearer));
  const V32 best = hn::Set(d32, item.best);
  const auto in_first = hn::Eq(first, best);
  const bool leads = !hn::AllFalse(d32, in_first);
  const auto where = hn::FindFirstTrue(d32, leads ? in_first : hn::Eq(second, best));
  item.index = static_cast<std::int32_t>(lane + (leads ? 0 : hn::Lanes(d32))) +
               static_cast<std::int32_t>(where);
}

// `rows` are the item's rows, widened to 16-bit values (bytes) or unchanged (bits). The last one is
// repeated kPaddedRows times.
void Search(const PackedDescriptors& photo, const std::vector<const std::int16_t*>& rows,
            const std::vector<std::int32_t>& row_norms, std::size_t item_count,
            std::vector<Nearest>& of_photo, std::vector<Nearest>& of_item) {
  const D32 d32;
  const std::size_t lanes = hn::Lanes(d32);
  const std::size_t columns = ColumnsOf(photo);
  alignas(64) std::int32_t tile[kItemTile * kBlockLanes];
  for (std::size_t lane = 0; lane < photo.count; lane += 2 * lanes) {
    const std::uint32_t* block =
        &photo.columns[lane / kBlockLanes * kBlockLanes * columns + lane % kBlockLanes];
    const V32 norms_first = hn::LoadU(d32, &photo.norms[lane]);
    const V32 norms_second = hn::LoadU(d32, &photo.norms[lane + lanes]);
    const V32 far = hn::Set(d32, kFar), none = hn::Set(d32, -1);
    BestRows first{far, far, none}, second{far, far, none};
    for (std::size_t row = 0; row < item_count; row += kItemTile) {
      if (photo.kind == DescriptorKind::kBytes) {
        Distances<DescriptorKind::kBytes>(block, columns, &rows[row], &row_norms[row], tile);
      } else {
        Distances<DescriptorKind::kBits>(block, columns, &rows[row], &row_norms[row], tile);
      }
      for (std::size_t r = 0; r < kItemTile && row + r < item_count; ++r) {
        const V32 number = hn::Set(d32, static_cast<std::int32_t>(row + r));
        const V32 to_first = hn::LoadU(d32, tile + 2 * r * lanes);
        const V32 to_second = hn::LoadU(d32, tile + (2 * r + 1) * lanes);
        first.Update(to_first, number);
        second.Update(to_second, number);
        UpdateItem(hn::Add(to_first, norms_first), hn::Add(to_second, norms_second), lane,
                   of_item[row + r]);
      }
    }
    const std::size_t left = photo.count - lane;
    first.Store(&photo.norms[lane], &of_photo[lane], std::min(lanes, left));
    if (left > lanes)
      second.Store(&photo.norms[lane + lanes], &of_photo[lane + lanes],
                   std::min(lanes, left - lanes));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(Search);

}  // namespace

PackedDescriptors PackDescriptors(const Features& photo, std::span<const std::uint32_t> rows) {
  PackedDescriptors packed{
      .kind = photo.kind, .row_bytes = photo.descriptor_bytes, .count = rows.size()};
  const std::size_t blocks = (rows.size() + kBlockLanes - 1) / kBlockLanes;
  const std::size_t columns = ColumnsOf(packed);
  packed.columns.assign(blocks * kBlockLanes * columns, 0);
  packed.norms.assign(blocks * kBlockLanes, kFar);  // lanes without a feature are never near
  for (std::size_t i = 0; i < packed.count; ++i) {
    const auto row = photo.row(rows[i]);
    std::uint32_t* to = &packed.columns[i / kBlockLanes * kBlockLanes * columns + i % kBlockLanes];
    std::int32_t norm = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      std::uint32_t& column = to[j * kBlockLanes];
      if (photo.kind == DescriptorKind::kBytes) {
        column = row[2 * j] | static_cast<std::uint32_t>(row[2 * j + 1]) << 16;
        norm += row[2 * j] * row[2 * j] + row[2 * j + 1] * row[2 * j + 1];
      } else {
        std::memcpy(&column, row.data() + 4 * j, sizeof(column));
      }
    }
    packed.norms[i] = norm;
  }
  return packed;
}

void FindNearest(const PackedDescriptors& photo, const Features& item,
                 std::span<const std::uint32_t> rows, std::vector<Nearest>& of_photo,
                 std::vector<Nearest>& of_item) {
  of_photo.assign(photo.count, {});
  of_item.assign(rows.size(), {});
  if (photo.count == 0 || rows.empty()) return;
  const bool bytes = photo.kind == DescriptorKind::kBytes;
  const auto row_bytes = static_cast<std::size_t>(photo.row_bytes);
  // This buffer is kept from one item to the next: fresh pages would cost a third of the search.
  thread_local std::vector<std::int16_t> wide;
  if (bytes && wide.size() < rows.size() * row_bytes) wide.resize(rows.size() * row_bytes);
  std::vector<const std::int16_t*> pointers(rows.size());
  std::vector<std::int32_t> norms(rows.size(), 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint8_t* row = item.row(rows[i]).data();
    pointers[i] = bytes ? &wide[i * row_bytes] : reinterpret_cast<const std::int16_t*>(row);
    for (std::size_t j = 0; bytes && j < row_bytes; ++j) {
      wide[i * row_bytes + j] = row[j];
      norms[i] += row[j] * row[j];
    }
  }
  pointers.resize(rows.size() + kPaddedRows, pointers.back());
  norms.resize(rows.size() + kPaddedRows, norms.back());
  HWY_DYNAMIC_DISPATCH(Search)(photo, pointers, norms, rows.size(), of_photo, of_item);
}

}  // namespace inlier
#endif  // HWY_ONCE
