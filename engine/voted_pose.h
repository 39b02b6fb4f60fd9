#pragma once

#include "core/features.h"
#include "index/candidate.h"
#include "matcher/matcher.h"

namespace inlier {

/// How many of the pairs that voted for a candidate agree on one pose; see
/// PhotoMatcher::PoseSupport. `face`: the candidate's features, whose descriptors are not read.
int VotedPoseSupport(const PhotoMatcher& photo, const Features& face, const Candidate& candidate);

}  // namespace inlier
