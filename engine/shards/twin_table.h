#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "inlier/sharded.h"

namespace inlier::shards {

/// The twins that a face has in other shards. A shard knows only those within itself, so these are
/// kept by whoever asks the shards. A face is known by its pixels, which it keeps wherever it lies
/// and however often its database is made again.
class TwinTable {
 public:
  explicit TwinTable(std::vector<DistantTwins> pairs);

  struct Twin {
    const DistantTwins::Face* face = nullptr;  // of this table
    float likeness = 0;
  };
  std::vector<Twin> Of(std::size_t shard, std::string_view pixel_hash) const;
  const std::vector<DistantTwins>& pairs() const { return pairs_; }

 private:
  std::vector<DistantTwins> pairs_;
  // The hash of either face of a pair, and twice its place in `pairs_`, plus one for the second.
  std::vector<std::pair<std::uint64_t, std::size_t>> places_;
};

}  // namespace inlier::shards
