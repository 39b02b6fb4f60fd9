#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/full_match.h"
#include "index/candidate.h"

namespace inlier {

/// Makes whole faces of these: see Collection::FetchDescriptors.
using FetchWholeFaces =
    std::function<Result<std::vector<std::optional<StoredFace>>>(std::vector<FaceKeypoints> faces)>;

/// Matches, verifies and scores the shortlisted faces, in the order of the shortlist. Faces that
/// were removed meanwhile are left out. `fetch` is asked for the faces that are matched. Errors:
/// its own.
Result<std::vector<Hypothesis>> Rerank(const PhotoView& photo, std::vector<FaceKeypoints> faces,
                                       std::span<const Candidate> shortlist,
                                       const DecisionOptions& options,
                                       const FetchWholeFaces& fetch);

}  // namespace inlier
