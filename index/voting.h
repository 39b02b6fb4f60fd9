#pragma once

#include <span>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/candidate.h"
#include "index/snapshot.h"
#include "inlier/options.h"

namespace inlier {

/// The `count` faces with the most votes, best first, ties by number. The snapshot has a vocabulary
/// that fits the photo. `feature_counts[face]` is 0 for faces that must not be returned. Errors:
/// kCorrupt (a mapped list that fails its checksum), kIo.
Result<std::vector<Candidate>> VoteForFaces(const Snapshot& snapshot, const Features& photo,
                                            int count, const ShortlistOptions& options,
                                            std::span<const std::uint32_t> feature_counts);

}  // namespace inlier
