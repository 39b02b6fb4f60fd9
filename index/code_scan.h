#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace inlier {

/// A code near to the one that is looked for.
struct CodeMatch {
  std::uint32_t index = 0;
  std::uint32_t distance = 0;  // bits
};

/// Appends to `out` the codes within a Hamming distance of `limit_bits` from `query`, by index.
/// `codes`: count × words. `query`: words. SIMD by Highway, for the processor that it runs on.
void ScanCodes(const std::uint64_t* codes, std::size_t count, int words, const std::uint64_t* query,
               int limit_bits, std::vector<CodeMatch>& out);

}  // namespace inlier
