#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "index/candidate.h"
#include "index/collection.h"
#include "inlier/query.h"

namespace inlier {

// A shortlist without the index. It is the oracle that the index is measured against, and it takes
// milliseconds a face. Every feature of the photo is compared with all stored features by their
// full descriptors. Of each face only the nearest feature counts, and the faces of the few nearest
// items get a vote. A vote at distance d weighs 1 − d²/b², where b is the distance to the first
// item that gets no vote (McCann and Lowe, "Local naive Bayes nearest neighbor", CVPR 2012), so
// that a feature that many items have in common hardly counts. The candidates have no voting pairs,
// so all of them are matched in full later.

/// A face that is near to one feature of the photo.
struct ExactNeighbour {
  float distance = 0;
  FaceNumber face = 0;
  ItemNumber item = 0;    // the first with this face
  std::uint32_t key = 0;  // of the face, see FaceKeys
};

/// What is nearest to each feature of a photo.
struct ExactNeighbours {
  // By feature: nearest first, of as many items as get a vote and one more.
  std::vector<std::vector<ExactNeighbour>> of_feature;
  std::uint64_t faces = 0;  // that were compared
};

/// Compares the photo with the faces that pass. Of `limits`, `cancel` and `deadline` count. Errors:
/// as Collection::FetchDescriptors; kCancelled.
Result<ExactNeighbours> FindNeighbours(const Collection& collection, const Features& photo,
                                       const FaceFilter& filter, const QueryOptions& limits = {});

/// The neighbours in two parts of a catalogue together.
void Merge(const ExactNeighbours& part, ExactNeighbours& all);

/// The `count` faces with the most votes, best first, ties by key.
std::vector<Candidate> VoteExactly(const ExactNeighbours& nearest, int count);

}  // namespace inlier
