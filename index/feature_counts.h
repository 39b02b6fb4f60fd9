#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/features.h"
#include "index/item.h"

namespace inlier {

/// How many features of each face can be found, by face number. It is 0 for faces that have been
/// removed and for faces without features; no search returns those.
using FeatureCounts = std::vector<std::uint32_t>;

/// A number that follows from the features of a face alone, by face number. Faces that nothing else
/// orders stand in the order of their keys, so that an answer does not depend on when a face was
/// added, nor on which of several databases has it.
using FaceKeys = std::vector<std::uint32_t>;

std::uint32_t KeyOf(const Features& features);

inline void SetKey(FaceKeys& keys, FaceNumber face, const Features& features) {
  if (keys.size() <= face) keys.resize(face + std::size_t{1}, 0);
  keys[face] = KeyOf(features);
}

/// True when a face comes before another one that is as good. Equal keys are faces with equal
/// features, or one in four billion.
inline bool KeyComesBefore(std::uint32_t key_a, FaceNumber a, std::uint32_t key_b, FaceNumber b) {
  return key_a != key_b ? key_a < key_b : a < b;
}

/// What a search has to know of all faces.
struct FaceTable {
  std::span<const std::uint32_t> counts;  // 0 for faces that must not be returned
  std::span<const std::uint32_t> keys;

  std::uint32_t key(FaceNumber face) const { return face < keys.size() ? keys[face] : 0; }
  /// True when a face comes before another one that is as good.
  bool ComesBefore(FaceNumber a, FaceNumber b) const {
    return KeyComesBefore(key(a), a, key(b), b);
  }
};

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
