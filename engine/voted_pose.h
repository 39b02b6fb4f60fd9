#pragma once

#include "core/features.h"
#include "index/candidate.h"
#include "matcher/matcher.h"

namespace inlier {

/// Pairs that agree on a pose by chance have a support of 8 to 13. The least support of an accepted
/// hit among the photos of docs/EVALUATION.md is 20.
inline constexpr int kRealSupport = 18;

/// How many of the pairs that voted for a candidate agree on one pose; see
/// PhotoMatcher::PoseSupport. `face`: the candidate's features, whose descriptors are not read.
int VotedPoseSupport(const PhotoMatcher& photo, const Features& face, const Candidate& candidate);

}  // namespace inlier
