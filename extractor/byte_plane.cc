// Grey planes of bytes, and their smoothing by a separable symmetric kernel, which is done row by
// row: vertically into a buffer, then horizontally. Only whole numbers are used.
#include "extractor/byte_plane.h"

#include <algorithm>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "extractor/byte_plane.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// out[x] = (taps[0] in[x] + Σ taps[i] (before(i)[x] + after(i)[x]) + 128) / 256. The sum fits 16
// bits, since it is at most 255 × 256 + 128.
template <class Before, class After>
HWY_INLINE void SymmetricSum(const std::uint8_t* centre, const Before& before, const After& after,
                             SmoothingTaps taps, std::size_t count, std::uint8_t* out) {
  const hn::CappedTag<std::uint16_t, 32> wide;
  const hn::Rebind<std::uint8_t, decltype(wide)> narrow;
  const hn::RebindToSigned<decltype(wide)> wide_signed;
  for (std::size_t x = 0; x < count; x += hn::Lanes(wide)) {
    auto sum =
        hn::Add(hn::Mul(hn::PromoteTo(wide, hn::LoadU(narrow, centre + x)), hn::Set(wide, taps[0])),
                hn::Set(wide, 128));
    for (std::size_t i = 1; i < taps.size(); ++i) {
      const auto pair = hn::Add(hn::PromoteTo(wide, hn::LoadU(narrow, before(i) + x)),
                                hn::PromoteTo(wide, hn::LoadU(narrow, after(i) + x)));
      sum = hn::Add(sum, hn::Mul(pair, hn::Set(wide, taps[i])));
    }
    const auto level = hn::BitCast(wide_signed, hn::ShiftRight<8>(sum));
    hn::StoreU(hn::DemoteTo(narrow, level), narrow, out + x);
  }
}

void SmoothRows(const BytePlane& source, SmoothingTaps taps, BytePlane& out) {
  const int radius = static_cast<int>(taps.size()) - 1;
  const auto width = static_cast<std::size_t>(source.width);
  std::vector<std::uint8_t> buffer(source.stride + 2 * taps.size() + kPlanePad_px);
  std::uint8_t* middle = buffer.data() + radius;
  std::vector<const std::uint8_t*> above(taps.size()), below(taps.size());
  const auto mirror = [](int i, int size) {
    if (size == 1) return 0;
    const int period = 2 * (size - 1);
    i = ((i % period) + period) % period;
    return i < size ? i : period - i;
  };
  for (int y = 0; y < source.height; ++y) {
    for (int i = 1; i <= radius; ++i) {
      above[static_cast<std::size_t>(i)] = source.row(mirror(y - i, source.height));
      below[static_cast<std::size_t>(i)] = source.row(mirror(y + i, source.height));
    }
    SymmetricSum(
        source.row(y), [&](std::size_t i) { return above[i]; },
        [&](std::size_t i) { return below[i]; }, taps, width, middle);
    for (int i = 1; i <= radius; ++i) {
      middle[-i] = middle[mirror(-i, source.width)];
      middle[source.width - 1 + i] = middle[mirror(source.width - 1 + i, source.width)];
    }
    SymmetricSum(
        middle, [&](std::size_t i) { return middle - i; },
        [&](std::size_t i) { return middle + i; }, taps, width, out.row(y));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {
HWY_EXPORT(SmoothRows);
}  // namespace

void BytePlane::Resize(int width_px, int height_px, std::size_t stride_px) {
  width = width_px;
  height = height_px;
  stride = stride_px;
  const std::size_t bytes = stride_px * static_cast<std::size_t>(height_px) + kPlanePad_px;
  if (capacity_bytes < bytes) {
    data = std::make_unique_for_overwrite<std::uint8_t[]>(bytes);
    capacity_bytes = bytes;
  }
  // Kernels read these bytes but do not use them. They are set so that no read is undefined.
  for (int y = 0; y < height; ++y) std::fill_n(row(y) + width, kPlanePad_px, std::uint8_t{0});
}

std::size_t BytePlane::StrideFor(int width_px) {
  const std::size_t stride = (static_cast<std::size_t>(width_px) + kPlanePad_px + 63) / 64 * 64;
  // Rows that are a multiple of 4 KiB apart would share cache sets.
  return stride % 1024 == 0 ? stride + 64 : stride;
}

void Smooth(const BytePlane& source, SmoothingTaps taps, BytePlane& out) {
  out.Resize(source.width, source.height, source.stride);
  HWY_DYNAMIC_DISPATCH(SmoothRows)(source, taps, out);
}

}  // namespace inlier
#endif  // HWY_ONCE
