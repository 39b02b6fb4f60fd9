#pragma once

#include <cstdint>
#include <vector>

#include "index/item.h"

namespace inlier {

/// How many features of each face can be found, by face number. It is 0 for faces that have been
/// removed and for faces without features; no search returns those.
using FeatureCounts = std::vector<std::uint32_t>;

inline void SetCount(FeatureCounts& counts, FaceNumber face, std::size_t features) {
  if (counts.size() <= face) counts.resize(face + std::size_t{1}, 0);
  counts[face] = static_cast<std::uint32_t>(features);
}

inline void ClearCount(FeatureCounts& counts, FaceNumber face) {
  if (face < counts.size()) counts[face] = 0;
}

/// The counts with 0 for every face that the filter holds back.
inline FeatureCounts Filtered(FeatureCounts counts, const FaceFilter& filter) {
  if (filter.empty()) return counts;
  for (std::size_t face = 0; face < counts.size(); ++face) {
    if (face >= filter.size() || !filter[face]) counts[face] = 0;
  }
  return counts;
}

}  // namespace inlier
