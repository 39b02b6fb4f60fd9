#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/posting.h"

namespace inlier {

/// The postings of one list as they lie in a segment: 4 bytes each, and 8 for each block of 4,096
/// faces that the list has postings of. A posting has the last 12 bits of its face, 10 bits of its
/// feature, and 5 bits each of its angle (in 1/32 of the full turn) and its scale (in half
/// octaves). What comes before the last 12 bits is common to a block.
struct PackedPostings {
  const std::uint32_t* postings = nullptr;
  const std::uint64_t* blocks = nullptr;  // number of the block << 32 | where it ends in the list
};

/// Appends postings, in ascending order of faces, to `words`: two in each word, then the blocks.
/// Their features are below kMaxPackedFeatures.
void PackPostings(std::span<const Posting> postings, std::vector<std::uint64_t>& words);

inline constexpr std::size_t kMaxPackedFeatures = 1 << 10;
static_assert(MostVoters(DescriptorKind::kBits) <= kMaxPackedFeatures &&
              MostVoters(DescriptorKind::kBytes) <= kMaxPackedFeatures);
inline constexpr std::uint64_t kFacesOfABlock = 1 << 12;

/// Reads postings of a list in ascending order of their index.
class PostingReader {
 public:
  explicit PostingReader(const PackedPostings& packed) : packed_(packed) {}

  Posting At(std::size_t index) {
    while (index >= (packed_.blocks[block_] & 0xFFFFFFFF)) ++block_;
    const std::uint32_t p = packed_.postings[index];
    return {.face = static_cast<FaceNumber>((packed_.blocks[block_] >> 32) << 12 | p >> 20),
            .feature = static_cast<std::uint16_t>(p >> 10 & 1023),
            .angle = static_cast<std::uint8_t>((p >> 5 & 31) << 3),
            .scale = static_cast<std::uint8_t>((p & 31) << 3)};
  }

 private:
  PackedPostings packed_;
  std::size_t block_ = 0;
};

/// Whether the blocks of a list from a file are those of `size` postings: their ends ascend to it,
/// so that no reader can leave them.
bool BlocksAreSound(std::span<const std::uint64_t> blocks, std::size_t size);

}  // namespace inlier
