#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace inlier {

struct CodeMatch {
  std::uint32_t index = 0;
  std::uint32_t distance = 0;  // bits
};

/// Appends to `out` the codes within `limit_bits` of `query`, by index. `codes`: count × words.
void ScanCodes(const std::uint64_t* codes, std::size_t count, int words, const std::uint64_t* query,
               int limit_bits, std::vector<CodeMatch>& out);

}  // namespace inlier
