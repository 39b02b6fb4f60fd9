#pragma once

#include <cstdint>
#include <vector>

#include "core/features.h"
#include "index/item.h"
#include "index/posting.h"
#include "index/vocabulary.h"

namespace inlier {

/// Postings on their way into a segment, in ascending order of faces.
struct PostingBatch {
  std::vector<std::uint32_t> lists;  // n
  std::vector<std::uint64_t> codes;  // n × code_words
  std::vector<Posting> postings;     // n

  /// Appends the first features of a face, as many as were assigned, with one probe.
  void Append(FaceNumber face, const Features& features, const CellCodes& assigned);
};

}  // namespace inlier
