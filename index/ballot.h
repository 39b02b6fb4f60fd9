#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "index/candidate.h"
#include "index/feature_counts.h"

namespace inlier {

/// One vote: a feature of the photo and a feature of a face have near codes.
struct Vote {
  FaceNumber face = 0;
  VotingPair pair;
  std::uint8_t angle = 0;   // of the photo's feature less the face's, in 1/256 of the full turn
  std::int8_t octaves = 0;  // size of the photo's over the face's, in half octaves, -8 to 7
  float weight = 0;
};

/// How a face stands when all votes are counted.
struct Standing {
  FaceNumber face = 0;
  std::uint32_t key = 0;  // see FaceKeys
  float votes = 0;        // of any kind; these and the others are per feature of the face
  float agreeing = 0;
  float weighed = 0;  // the two together, which orders faces
};

/// Keeps the `count` best of what Rank gave, best first, ties by key. The results of several
/// ballots may be put together first, when each has the votes for some of the faces: the best are
/// then those that one ballot with all votes would give.
void KeepBest(std::vector<Standing>& standings, int count);

/// Counts the votes of one photo.
///
/// A feature of the photo counts once for a face: of several votes only the strongest one counts
/// (burstiness within an image, Jégou, Douze and Schmid, CVPR 2009). Correct matches agree in the
/// difference of orientation and in the difference of scale, so the votes of a face are
/// histogrammed over both, and what agrees is the smaller of the two peaks (weak geometric
/// consistency, IJCV 2010, §4). Faces are ordered half by the votes that agree and half by all
/// their votes. All of them are divided by (features of the face + 50)^0.4, since chance votes fall
/// on faces with many features.
///
/// Histograms are only made for the faces with the most votes of any kind, so the work grows with
/// the votes and hardly with the number of faces.
class Ballot {
 public:
  /// Forgets the last photo and keeps its memory.
  void Open(std::size_t faces);
  /// Asks the processor for the memory of a face that will be voted for soon: votes fall anywhere.
  void Prefetch(FaceNumber face) const {
    if (face < tallies_.size()) __builtin_prefetch(&tallies_[face]);
  }
  /// Votes come in ascending order of the photo's features.
  void Cast(const Vote& vote);
  /// The faces that may be among the `count` best: those with the most votes of any kind. Ends the
  /// voting.
  std::vector<Standing> Rank(int count, const FaceTable& faces);
  /// These faces of Rank, in the order given, with the votes that agree and all the pairs that
  /// voted for them.
  std::vector<Candidate> Take(std::span<const Standing> chosen);
  /// The `count` best faces, best first, ties by key.
  std::vector<Candidate> Close(int count, const FaceTable& faces);

 private:
  struct Tally {
    float votes = 0;
    float last_weight = 0;
    std::int32_t last_feature = -1;
  };
  std::vector<Tally> tallies_;       // by face
  std::vector<FaceNumber> touched_;  // faces that have votes
  std::vector<Vote> votes_;
  // The votes for the faces of Rank, with the faces' places there. They are few among all votes.
  std::vector<std::pair<const Vote*, std::size_t>> ranked_votes_;
  std::vector<FaceNumber> ranked_;
};

}  // namespace inlier
