#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/ballot.h"
#include "index/candidate.h"
#include "index/feature_counts.h"
#include "index/near_postings.h"
#include "index/photo_codes.h"
#include "index/snapshot.h"
#include "inlier/options.h"

namespace inlier {

/// The `count` faces that a photo's features vote for most, best first, ties by key. The snapshot
/// has a vocabulary that fits the photo. Faces with a count of 0 are not returned. Errors:
/// kCorrupt, kIo.
Result<std::vector<Candidate>> VoteForFaces(const Snapshot& snapshot, const Features& photo,
                                            int count, const ShortlistOptions& options,
                                            const FaceTable& faces);

/// What the weight of a vote depends on besides the two features: how often the photo's features
/// are met in the whole catalogue. n features, as in PhotoCodes.
struct VoteTotals {
  std::uint64_t postings = 0;
  std::vector<std::uint32_t> lengths;  // n × probes: of the lists
  std::vector<std::uint32_t> found;    // n: postings with near codes

  /// Adds those of another part of the catalogue for the same photo.
  void Add(const VoteTotals& part);
  bool operator==(const VoteTotals&) const = default;
};

/// The votes of one photo in a database that holds a part of a catalogue. They are taken in two
/// steps, since what a vote weighs depends on all parts: postings are found first, and counted;
/// then the votes are cast with the totals of all parts. One part alone gives what VoteForFaces
/// gives. Keeps the snapshot that it was made from.
class PartialVotes {
 public:
  /// Errors: kCorrupt, kIo; kInvalidArgument (the codes are of another vocabulary, their sizes do
  /// not agree, or an option is out of its range).
  static Result<PartialVotes> Find(std::shared_ptr<const Snapshot> snapshot,
                                   std::shared_ptr<const FeatureCounts> counts, PhotoCodes photo,
                                   const ShortlistOptions& options);

  const VoteTotals& totals() const { return totals_; }

  struct Ranking {
    std::vector<Standing> standings;    // of all faces that may be among the best of all parts
    std::vector<Candidate> candidates;  // of the best of this part, or of those that are wanted
  };
  /// Casts the votes. Errors: kInvalidArgument (`of_all` has another shape than totals()).
  Result<Ranking> Rank(const VoteTotals& of_all, int count,
                       std::span<const FaceNumber> wanted = {}) const;
  /// In memory.
  std::size_t bytes() const;

 private:
  PartialVotes() = default;

  std::shared_ptr<const Snapshot> snapshot_;
  std::shared_ptr<const FeatureCounts> counts_;
  PhotoCodes photo_;
  ShortlistOptions options_;
  VoteTotals totals_;
  NearPostings found_;
};

}  // namespace inlier
