#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/features.h"
#include "index/candidate.h"

namespace inlier {

/// All rows of embeddings of a collection, compared with a photo's one by one (FAISS, inner product
/// of unit vectors). A value: copying it copies pointers, and a copy never changes, so a search
/// keeps the one that it took. The rows are in memory as floats; the store has them, so nothing of
/// this is written to disk.
class EmbeddingIndex {
 public:
  /// Bytes of a row; 0 while there is none.
  int row_bytes() const { return row_bytes_; }
  std::uint64_t rows() const;
  std::uint64_t bytes() const;  // in memory

  /// Takes in one item's rows. They are of row_bytes, unless nothing is here yet.
  struct NewRows {
    ItemNumber item = 0;
    const Features* features = nullptr;
  };
  /// This and `added`. `live[item]` is 0 for items whose rows are dropped where blocks are merged,
  /// which happens to those of like size and to all when most rows are of removed items.
  EmbeddingIndex With(std::span<const NewRows> added, std::span<const std::uint32_t> live) const;

  /// The `count` items with the row nearest to any of the photo's, best first, ties by number:
  /// Candidate::votes is the cosine, and its one pair says which rows. `live[item]` is 0 for items
  /// that must not be returned.
  std::vector<Candidate> Search(const Features& photo, int count,
                                std::span<const std::uint32_t> live) const;

 private:
  struct Block;
  static std::shared_ptr<const Block> Merge(std::span<const std::shared_ptr<const Block>> from,
                                            int row_bytes, std::span<const std::uint32_t> live);
  int row_bytes_ = 0;
  std::vector<std::shared_ptr<const Block>> blocks_;  // oldest first
};

}  // namespace inlier
