#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/features.h"
#include "index/candidate.h"
#include "index/feature_counts.h"

namespace inlier {

/// Sorts faces, the nearest first and ties by key, and keeps the first of them.
void KeepNearest(std::vector<NearFace>& faces, int count);

/// All embedding rows of a collection, which a search compares with the photo's one by one. It is a
/// value: copying it copies pointers, and a copy never changes, so a search keeps the one that it
/// took. The rows are in memory as the bytes that the store has of them, so nothing of this is
/// written to disk.
class EmbeddingRows {
 public:
  /// Bytes of a row; 0 while there is none.
  int row_bytes() const { return row_bytes_; }
  std::uint64_t rows() const;
  std::uint64_t bytes() const;  // in memory

  /// One face's rows. They all have the same size, which is row_bytes() unless that is 0.
  struct NewRows {
    FaceNumber face = 0;
    const Features* features = nullptr;
  };
  /// These rows and the added ones. `live[face]` is 0 for faces whose rows are dropped when blocks
  /// are merged. Blocks of similar size are merged, and all of them when most rows are of removed
  /// faces.
  EmbeddingRows With(std::span<const NewRows> added, std::span<const std::uint32_t> live) const;

  /// The `count` faces with the row that is nearest to any row of the photo, best first, ties by
  /// key. The photo's rows are of row_bytes().
  std::vector<NearFace> Nearest(const Features& photo, int count, const FaceTable& faces) const;

 private:
  struct Block;
  static std::shared_ptr<const Block> Merge(std::span<const std::shared_ptr<const Block>> from,
                                            int row_bytes, std::span<const std::uint32_t> live);
  int row_bytes_ = 0;
  std::vector<std::shared_ptr<const Block>> blocks_;  // oldest first
};

}  // namespace inlier
