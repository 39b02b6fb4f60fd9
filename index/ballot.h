#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/candidate.h"

namespace inlier {

/// One vote: a feature of the photo found a feature of an item near.
struct Vote {
  ItemNumber item = 0;
  VotingPair pair;
  std::uint8_t angle = 0;   // of the photo's feature less the item's, of 256 to the full turn
  std::int8_t octaves = 0;  // size of the photo's over the item's, in half octaves, -8 to 7
  float weight = 0;
};

/// Counts the votes of one photo. One feature of the photo speaks once for an item: of several
/// votes only the strongest counts (burstiness within an image: Jégou, Douze and Schmid, CVPR
/// 2009). Right matches agree in the difference of orientation and in that of scale, so an item's
/// votes are the largest that agree (weak geometric consistency: IJCV 2010, §4); items are ordered
/// half by these and half by all their votes. Votes that agree are sought among the items with the
/// most votes of any kind, so the work grows with the votes and hardly with the items.
class Ballot {
 public:
  /// Forgets the last photo; memory stays.
  void Open(std::size_t items);
  /// Asks for the memory of an item that is voted for soon: votes fall anywhere.
  void Prefetch(ItemNumber item) const {
    if (item < tallies_.size()) __builtin_prefetch(&tallies_[item]);
  }
  /// Features of the photo in ascending order.
  void Cast(const Vote& vote);
  /// The `count` best items, best first, ties by number, with the votes that agree and the pairs
  /// that voted. `feature_counts` by item.
  std::vector<Candidate> Close(int count, std::span<const std::uint32_t> feature_counts);

 private:
  struct Tally {
    float votes = 0;
    float last_weight = 0;
    std::int32_t last_feature = -1;
  };
  std::vector<Tally> tallies_;       // by item
  std::vector<ItemNumber> touched_;  // items that have votes
  std::vector<Vote> votes_;
};

}  // namespace inlier
