#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"
#include "index/code_scan.h"
#include "index/packed_postings.h"
#include "index/photo_codes.h"
#include "index/posting.h"
#include "index/snapshot.h"

namespace inlier {

/// A posting whose code is near to that of a feature of the photo.
struct NearPosting {
  Posting posting;
  std::uint16_t distance_bits = 0;
};

/// The postings that are near to the features of a photo, for each list that a feature looks at.
class NearPostings {
 public:
  /// Those within `limit_bits` of the photo's codes, of faces that have a count. The photo's lists
  /// are of the snapshot's vocabulary. Errors: kCorrupt, kIo.
  static Result<NearPostings> Find(const Snapshot& snapshot, const PhotoCodes& photo,
                                   int limit_bits, std::span<const std::uint32_t> counts);

  /// Of the list at `place` in PhotoCodes::lists, in the order of the list.
  std::span<const NearPosting> At(std::size_t place) const {
    return {postings_.data() + ranges_[place].begin, ranges_[place].count};
  }
  /// The length of that list, with postings of any distance.
  std::uint32_t LengthOf(std::size_t place) const { return ranges_[place].length; }
  std::uint64_t bytes() const {  // in memory
    return postings_.size() * sizeof(NearPosting) + ranges_.size() * sizeof(Range);
  }

 private:
  struct Range {
    std::uint32_t begin = 0, count = 0;  // in postings_
    std::uint32_t length = 0;            // of the list
  };
  // A list that was scanned, with those of its codes that are near.
  struct Scanned {
    std::size_t place = 0, count = 0;
    std::vector<CodeMatch> matches;  // the first `count`
    PackedPostings postings;
  };

  void Take(const Scanned& scanned);
  void LeaveOut(std::span<const std::uint32_t> order, std::span<const std::uint32_t> counts);

  std::vector<NearPosting> postings_;  // in the order in which the lists were visited
  std::vector<Range> ranges_;
};

}  // namespace inlier
