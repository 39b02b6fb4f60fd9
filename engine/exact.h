#pragma once

#include <vector>

#include "core/result.h"
#include "index/collection.h"
#include "matcher/matcher.h"

namespace inlier {

/// Makes the shortlist without the index. It is the oracle that the index is measured against, and
/// it takes milliseconds a face. Every feature of the photo is compared with all stored features
/// by their full descriptors. Of each face only the nearest feature counts, and the faces of the
/// few nearest items get a vote. A vote at distance d weighs 1 − d²/b², where b is the distance to
/// the first item that gets no vote (McCann and Lowe, "Local naive Bayes nearest neighbor", CVPR
/// 2012), so that a feature that many items have in common hardly counts. The candidates have no
/// voting pairs, so all of them are matched in full later. Errors: as Collection::FetchDescriptors.
Result<std::vector<Candidate>> ExactShortlist(const Collection& collection,
                                              const PhotoMatcher& photo, int count,
                                              const FaceFilter& filter);

}  // namespace inlier
