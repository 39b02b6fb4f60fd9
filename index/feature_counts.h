#pragma once

#include <cstdint>
#include <vector>

#include "index/item.h"

namespace inlier {

/// How many features each item has, by item number. It is 0 for items that have been removed and
/// for items without features; no search returns those.
using FeatureCounts = std::vector<std::uint32_t>;

inline void SetCount(FeatureCounts& counts, FaceNumber item, std::size_t features) {
  if (counts.size() <= item) counts.resize(item + std::size_t{1}, 0);
  counts[item] = static_cast<std::uint32_t>(features);
}

inline void ClearCount(FeatureCounts& counts, FaceNumber item) {
  if (item < counts.size()) counts[item] = 0;
}

/// The counts with 0 for every item that the filter holds back.
inline FeatureCounts Filtered(FeatureCounts counts, const FaceFilter& filter) {
  if (filter.empty()) return counts;
  for (std::size_t item = 0; item < counts.size(); ++item) {
    if (item >= filter.size() || !filter[item]) counts[item] = 0;
  }
  return counts;
}

}  // namespace inlier
