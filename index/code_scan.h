#pragma once

#include <cstddef>
#include <cstdint>

namespace inlier {

/// A code near to the one that is looked for.
struct CodeMatch {
  std::uint32_t index = 0;
  std::uint32_t distance = 0;  // bits
};

/// Writes the codes within a Hamming distance of `limit_bits` from `query` to `out`, by index, and
/// returns how many there are. `codes`: count × words. `query`: words. `out`: room for `count`.
/// SIMD by Highway, for the processor that it runs on.
std::size_t ScanCodes(const std::uint64_t* codes, std::size_t count, int words,
                      const std::uint64_t* query, int limit_bits, CodeMatch* out);

}  // namespace inlier
