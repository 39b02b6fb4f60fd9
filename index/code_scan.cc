#include "index/code_scan.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "index/code_scan.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace inlier {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// One 64-bit code a lane.
void ScanOneWord(const std::uint64_t* codes, std::size_t count, std::uint64_t query, int limit_bits,
                 std::vector<CodeMatch>& out) {
  const hn::ScalableTag<std::uint64_t> d;
  const hn::RebindToSigned<decltype(d)> di;
  const std::size_t lanes = hn::Lanes(d);
  const auto wanted = hn::Set(d, query);
  const auto limit = hn::Set(di, limit_bits + 1);
  alignas(64) std::uint64_t distances[8];
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto distance = hn::PopulationCount(hn::Xor(hn::LoadU(d, codes + i), wanted));
    const auto near = hn::Lt(hn::BitCast(di, distance), limit);
    if (hn::AllFalse(di, near)) continue;
    hn::StoreU(distance, d, distances);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      if (distances[lane] <= static_cast<std::uint64_t>(limit_bits)) {
        out.push_back({static_cast<std::uint32_t>(i + lane), static_cast<std::uint32_t>(distances[lane])});
      }
    }
  }
  for (; i < count; ++i) {
    const auto distance = static_cast<std::uint32_t>(__builtin_popcountll(codes[i] ^ query));
    if (distance <= static_cast<std::uint32_t>(limit_bits)) out.push_back({static_cast<std::uint32_t>(i), distance});
  }
}

// Longer codes: the words of one code side by side, four at a time.
void ScanWords(const std::uint64_t* codes, std::size_t count, int words, const std::uint64_t* query,
               int limit_bits, std::vector<CodeMatch>& out) {
  const hn::CappedTag<std::uint64_t, 4> d;
  const std::size_t lanes = hn::Lanes(d), n = static_cast<std::size_t>(words);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t* code = codes + i * n;
    std::uint64_t distance = 0;
    std::size_t w = 0;
    auto sum = hn::Zero(d);
    for (; w + lanes <= n; w += lanes) {
      sum = hn::Add(sum, hn::PopulationCount(hn::Xor(hn::LoadU(d, code + w), hn::LoadU(d, query + w))));
    }
    distance = hn::GetLane(hn::SumOfLanes(d, sum));
    for (; w < n; ++w) distance += static_cast<std::uint64_t>(__builtin_popcountll(code[w] ^ query[w]));
    if (distance <= static_cast<std::uint64_t>(limit_bits)) {
      out.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(distance)});
    }
  }
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

void ScanCodes(const std::uint64_t* codes, std::size_t count, int words, const std::uint64_t* query,
               int limit_bits, std::vector<CodeMatch>& out) {
  if (words == 1) {
    HWY_DYNAMIC_DISPATCH(ScanOneWord)(codes, count, *query, limit_bits, out);
  } else {
    HWY_DYNAMIC_DISPATCH(ScanWords)(codes, count, words, query, limit_bits, out);
  }
}

}  // namespace inlier
#endif  // HWY_ONCE
