#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/features.h"
#include "index/vocabulary.h"

namespace inlier {

/// What voting has to know of a photo's n features. Databases that share a vocabulary read the same
/// from it.
struct PhotoCodes {
  static constexpr std::uint32_t kNoList = std::numeric_limits<std::uint32_t>::max();

  std::size_t size() const { return angles.size(); }

  int probes = 1;
  int code_words = 1;
  std::vector<std::uint32_t> lists;          // n × probes: of the nearest cells, or kNoList
  std::vector<std::uint64_t> codes;          // n × probes × code_words
  std::vector<std::uint8_t> angles, scales;  // n, as in Posting
};

/// The features must fit the vocabulary.
PhotoCodes CodesOf(const Features& photo, const Vocabulary& vocabulary, int probes);

}  // namespace inlier
