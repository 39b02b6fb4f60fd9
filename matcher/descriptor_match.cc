#include "matcher/descriptor_match.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "matcher/descriptor_match.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D32 = hn::ScalableTag<std::int32_t>;
using D16 = hn::ScalableTag<std::int16_t>;
using V32 = hn::Vec<D32>;

constexpr std::size_t kItemTile = 4;  // item rows that share the loads of the photo's lanes

// sum + a₀ b₀ + a₁ b₁ of the two 16-bit halves of each lane.
HWY_INLINE V32 AddProducts(V32 a, V32 b, V32 sum, V32& high) {
  const D32 d32;
#if HWY_TARGET == HWY_SCALAR  // has no vector of two halves
  static_cast<void>(high);
  const V32 mask = hn::Set(d32, 0xFFFF);
  const V32 low = hn::Mul(hn::And(a, mask), hn::And(b, mask));
  return hn::Add(sum, hn::Add(low, hn::Mul(hn::ShiftRight<16>(a), hn::ShiftRight<16>(b))));
#else
  const D16 d16;
  return hn::ReorderWidenMulAccumulate(d32, hn::BitCast(d16, a), hn::BitCast(d16, b), sum, high);
#endif
}

// Squared L2 from products: |a|² + |b|² − 2ab. Lanes are photo features from `lane` on.
HWY_INLINE void ByteDistances(const PackedDescriptors& photo, const std::int16_t* const* rows,
                              const std::int32_t* row_norms, std::size_t lane, V32* out) {
  const D32 d32;
  V32 sum[kItemTile], high[kItemTile];
  for (std::size_t r = 0; r < kItemTile; ++r) sum[r] = high[r] = hn::Zero(d32);
  const std::size_t pairs = static_cast<std::size_t>(photo.row_bytes) / 2;
  for (std::size_t j = 0; j < pairs; ++j) {
    const V32 a =
        hn::LoadU(d32, reinterpret_cast<const std::int32_t*>(&photo.columns[j * photo.padded + lane]));
    for (std::size_t r = 0; r < kItemTile; ++r) {
      std::int32_t pair;
      std::memcpy(&pair, rows[r] + 2 * j, sizeof(pair));
      sum[r] = AddProducts(a, hn::Set(d32, pair), sum[r], high[r]);
    }
  }
  const V32 norm = hn::LoadU(d32, &photo.norms[lane]);
  for (std::size_t r = 0; r < kItemTile; ++r) {
#if HWY_TARGET == HWY_SCALAR
    const V32 product = sum[r];
#else
    const V32 product = hn::RearrangeToOddPlusEven(sum[r], high[r]);
#endif
    out[r] = hn::Sub(hn::Add(norm, hn::Set(d32, row_norms[r])), hn::Add(product, product));
  }
}

HWY_INLINE void BitDistances(const PackedDescriptors& photo, const std::int16_t* const* rows,
                             std::size_t lane, V32* out) {
  const D32 d32;
  for (std::size_t r = 0; r < kItemTile; ++r) out[r] = hn::Zero(d32);
  const std::size_t words = static_cast<std::size_t>(photo.row_bytes) / 4;
  for (std::size_t j = 0; j < words; ++j) {
    const V32 a =
        hn::LoadU(d32, reinterpret_cast<const std::int32_t*>(&photo.columns[j * photo.padded + lane]));
    for (std::size_t r = 0; r < kItemTile; ++r) {
      std::int32_t word;
      std::memcpy(&word, reinterpret_cast<const char*>(rows[r]) + 4 * j, sizeof(word));
      const auto different = hn::BitCast(hn::RebindToUnsigned<D32>(), hn::Xor(a, hn::Set(d32, word)));
      out[r] = hn::Add(out[r], hn::BitCast(d32, hn::PopulationCount(different)));
    }
  }
}

// `rows`: the item's rows, as 16-bit values (bytes) or as they are (bits); padded by repeating the last.
void Search(const PackedDescriptors& photo, const std::vector<const std::int16_t*>& rows,
            const std::vector<std::int32_t>& row_norms, std::size_t item_count,
            std::vector<Nearest>& of_photo, std::vector<Nearest>& of_item) {
  const D32 d32;
  const std::size_t lanes = hn::Lanes(d32);
  const V32 worst = hn::Set(d32, 0x7FFFFFFF);
  std::vector<std::int32_t> spill(3 * lanes);
  for (std::size_t lane = 0; lane < photo.padded; lane += lanes) {
    V32 best = worst, second = worst, index = hn::Set(d32, -1);
    const std::size_t real = std::min(lanes, photo.count - std::min(photo.count, lane));
    if (real == 0) break;
    const auto in_use = hn::FirstN(d32, real);
    for (std::size_t row = 0; row < item_count; row += kItemTile) {
      V32 distance[kItemTile];
      if (photo.kind == DescriptorKind::kBytes) {
        ByteDistances(photo, &rows[row], &row_norms[row], lane, distance);
      } else {
        BitDistances(photo, &rows[row], lane, distance);
      }
      for (std::size_t r = 0; r < kItemTile && row + r < item_count; ++r) {
        const auto closer = hn::Lt(distance[r], best);
        second = hn::Min(second, hn::IfThenElse(closer, best, distance[r]));
        best = hn::IfThenElse(closer, distance[r], best);
        index = hn::IfThenElse(closer, hn::Set(d32, static_cast<std::int32_t>(row + r)), index);
        // The item's side: its best over all lanes so far.
        const V32 valid = hn::IfThenElse(in_use, distance[r], worst);
        Nearest& item = of_item[row + r];
        if (hn::AllFalse(d32, hn::Lt(valid, hn::Set(d32, item.best)))) continue;
        item.best = hn::GetLane(hn::MinOfLanes(d32, valid));
        const auto where = hn::Eq(valid, hn::Set(d32, item.best));
        item.index = static_cast<std::int32_t>(lane) + static_cast<std::int32_t>(hn::FindFirstTrue(d32, where));
      }
    }
    hn::StoreU(best, d32, spill.data());
    hn::StoreU(second, d32, spill.data() + lanes);
    hn::StoreU(index, d32, spill.data() + 2 * lanes);
    for (std::size_t i = 0; i < real; ++i) {
      of_photo[lane + i] = {spill[i], spill[lanes + i], spill[2 * lanes + i]};
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(Search);
constexpr std::size_t kPadding = 16;  // lanes of the widest target

}  // namespace

PackedDescriptors Pack(const Features& photo, std::span<const std::uint32_t> rows) {
  PackedDescriptors packed{.kind = photo.kind,
                           .row_bytes = photo.descriptor_bytes,
                           .count = rows.size(),
                           .padded = (rows.size() + kPadding - 1) / kPadding * kPadding};
  const std::size_t columns = packed.row_bytes / (photo.kind == DescriptorKind::kBytes ? 2 : 4);
  packed.columns.assign(columns * packed.padded, 0);
  packed.norms.assign(packed.padded, 0);
  for (std::size_t i = 0; i < packed.count; ++i) {
    const auto row = photo.row(rows[i]);
    for (std::size_t j = 0; j < columns; ++j) {
      std::uint32_t& column = packed.columns[j * packed.padded + i];
      if (photo.kind == DescriptorKind::kBytes) {
        column = row[2 * j] | static_cast<std::uint32_t>(row[2 * j + 1]) << 16;
        packed.norms[i] += row[2 * j] * row[2 * j] + row[2 * j + 1] * row[2 * j + 1];
      } else {
        std::memcpy(&column, row.data() + 4 * j, sizeof(column));
      }
    }
  }
  return packed;
}

void FindNearest(const PackedDescriptors& photo, const Features& item, std::span<const std::uint32_t> rows,
                 std::vector<Nearest>& of_photo, std::vector<Nearest>& of_item) {
  of_photo.assign(photo.count, {});
  of_item.assign(rows.size(), {});
  if (photo.count == 0 || rows.empty()) return;
  const bool bytes = photo.kind == DescriptorKind::kBytes;
  const auto row_bytes = static_cast<std::size_t>(photo.row_bytes);
  std::vector<std::int16_t> wide;
  if (bytes) wide.resize(rows.size() * row_bytes);
  std::vector<const std::int16_t*> pointers;
  std::vector<std::int32_t> norms;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint8_t* row = item.row(rows[i]).data();
    pointers.push_back(bytes ? &wide[i * row_bytes] : reinterpret_cast<const std::int16_t*>(row));
    std::int32_t norm = 0;
    for (std::size_t j = 0; bytes && j < row_bytes; ++j) {
      wide[i * row_bytes + j] = row[j];
      norm += row[j] * row[j];
    }
    norms.push_back(norm);
  }
  pointers.resize(rows.size() + kPadding, pointers.back());
  norms.resize(rows.size() + kPadding, norms.back());
  HWY_DYNAMIC_DISPATCH(Search)(photo, pointers, norms, rows.size(), of_photo, of_item);
}

}  // namespace inlier
#endif  // HWY_ONCE
