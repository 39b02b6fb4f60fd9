// The innermost loop of a search: Hamming distances between one code and the codes of a list. Short
// codes lie one in each SIMD lane; of long codes the words of one code lie side by side. This file
// is compiled once for each SIMD target (Highway's foreach_target), and HWY_DYNAMIC_DISPATCH takes
// the best one that the processor has.
#include "index/code_scan.h"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "index/code_scan.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t kUnrolled = 4;
constexpr std::size_t kLineCodes = 8;
constexpr std::size_t kCodesAhead = 256;  // prefetched

// A bit for each lane whose distance is below the limit.
template <class V>
HWY_INLINE std::uint32_t NearLanes(V distances, V limit) {
  const hn::DFromV<V> d;
  alignas(8) std::uint8_t bits[8] = {};
  hn::StoreMaskBits(d, hn::Lt(distances, limit), bits);
  // From a mask register GCC 12 may put one byte on the stack and read four back, as it does for
  // the thread sanitizer. From memory it reads the byte.
  asm volatile("" : "+m"(bits));
  return bits[0];
}

// One 64-bit code in each lane. One code in 200 is near, so whether any is near is asked once for
// four vectors; those that are near are then picked by the bits of a mask.
std::size_t ScanOneWord(const std::uint64_t* codes, std::size_t count, std::uint64_t query,
                        int limit_bits, CodeMatch* out) {
  const hn::ScalableTag<std::uint64_t> d;
  const hn::RebindToSigned<decltype(d)> di;
  const std::size_t lanes = hn::Lanes(d);
  const auto wanted = hn::Set(d, query);
  const auto limit = hn::Set(di, limit_bits + 1);
  alignas(64) std::uint64_t distances[kUnrolled * HWY_MAX_BYTES / sizeof(std::uint64_t)];
  CodeMatch* next = out;
  std::size_t i = 0;
  const auto distance = [&](std::size_t at) {
    return hn::PopulationCount(hn::Xor(hn::LoadU(d, codes + at), wanted));
  };
  const auto lanes_near = [&](const auto of_lanes, std::size_t at) {
    hn::Store(of_lanes, d, distances + at);
    return NearLanes(hn::BitCast(di, of_lanes), limit) << at;
  };
  const auto put = [&](std::uint32_t near) {
    for (; near != 0; near &= near - 1) {
      const auto k = static_cast<std::uint32_t>(std::countr_zero(near));
      *next++ = {static_cast<std::uint32_t>(i) + k, static_cast<std::uint32_t>(distances[k])};
    }
  };
  for (const std::size_t step = kUnrolled * lanes; i + step <= count; i += step) {
    for (std::size_t line = 0; line < step; line += kLineCodes)
      __builtin_prefetch(codes + i + kCodesAhead + line);
    const auto d0 = distance(i), d1 = distance(i + lanes), d2 = distance(i + 2 * lanes),
               d3 = distance(i + 3 * lanes);
    const auto least = hn::Min(hn::Min(hn::BitCast(di, d0), hn::BitCast(di, d1)),
                               hn::Min(hn::BitCast(di, d2), hn::BitCast(di, d3)));
    if (hn::AllFalse(di, hn::Lt(least, limit))) continue;
    put(lanes_near(d0, 0) | lanes_near(d1, lanes) | lanes_near(d2, 2 * lanes) |
        lanes_near(d3, 3 * lanes));
  }
  // Most lists of a small catalogue, or of a shard, are no longer than this.
  for (; i + lanes <= count; i += lanes) put(lanes_near(distance(i), 0));
#if HWY_TARGET <= HWY_AVX2
  // What a mask leaves out is not read.
  if (i < count) {
    const auto rest = hn::MaskedLoad(hn::FirstN(d, count - i), d, codes + i);
    const std::uint32_t valid = (1U << (count - i)) - 1;
    put(lanes_near(hn::PopulationCount(hn::Xor(rest, wanted)), 0) & valid);
  }
#else
  for (; i < count; ++i) {
    const auto bits = static_cast<std::uint32_t>(__builtin_popcountll(codes[i] ^ query));
    if (bits <= static_cast<std::uint32_t>(limit_bits))
      *next++ = {static_cast<std::uint32_t>(i), bits};
  }
#endif
  return static_cast<std::size_t>(next - out);
}

// Longer codes: the words of one code side by side, four at a time.
std::size_t ScanWords(const std::uint64_t* codes, std::size_t count, int words,
                      const std::uint64_t* query, int limit_bits, CodeMatch* out) {
  const hn::CappedTag<std::uint64_t, 4> d;
  const std::size_t lanes = hn::Lanes(d), n = static_cast<std::size_t>(words);
  CodeMatch* next = out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t* code = codes + i * n;
    std::uint64_t distance = 0;
    std::size_t w = 0;
    auto sum = hn::Zero(d);
    for (; w + lanes <= n; w += lanes) {
      sum = hn::Add(sum,
                    hn::PopulationCount(hn::Xor(hn::LoadU(d, code + w), hn::LoadU(d, query + w))));
    }
    distance = hn::GetLane(hn::SumOfLanes(d, sum));
    for (; w < n; ++w)
      distance += static_cast<std::uint64_t>(__builtin_popcountll(code[w] ^ query[w]));
    if (distance <= static_cast<std::uint64_t>(limit_bits))
      *next++ = {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(distance)};
  }
  return static_cast<std::size_t>(next - out);
}

}  // namespace HWY_NAMESPACE
}  // namespace inlier
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace inlier {
namespace {

HWY_EXPORT(ScanOneWord);
HWY_EXPORT(ScanWords);

}  // namespace

std::size_t ScanCodes(const std::uint64_t* codes, std::size_t count, int words,
                      const std::uint64_t* query, int limit_bits, CodeMatch* out) {
  return words == 1 ? HWY_DYNAMIC_DISPATCH(ScanOneWord)(codes, count, *query, limit_bits, out)
                    : HWY_DYNAMIC_DISPATCH(ScanWords)(codes, count, words, query, limit_bits, out);
}

}  // namespace inlier
#endif  // HWY_ONCE
