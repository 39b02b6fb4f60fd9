#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "index/posting.h"
#include "index/segment.h"

namespace inlier::test {

/// Makes nine postings for each of the items `begin` to `end` − 1, in the first three quarters of
/// `lists` lists. Some lists stay empty, and some have several postings of one item. The same item
/// always gives the same postings, which are such that packing rounds nothing.
inline PostingBatch MakePostings(FaceNumber begin, FaceNumber end, std::uint32_t lists,
                                 int code_words) {
  PostingBatch batch;
  for (FaceNumber item = begin; item < end; ++item) {
    std::mt19937_64 random(item + 1);
    for (std::uint16_t feature = 0; feature < 9; ++feature) {
      batch.lists.push_back(static_cast<std::uint32_t>(random() % (lists * 3 / 4)));
      batch.postings.push_back({item, feature, static_cast<std::uint8_t>(random() % 32 * 8),
                                static_cast<std::uint8_t>(random() % 32 * 8)});
      for (int word = 0; word < code_words; ++word) batch.codes.push_back(random());
    }
  }
  return batch;
}

}  // namespace inlier::test
