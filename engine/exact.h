#pragma once

#include <vector>

#include "core/result.h"
#include "index/collection.h"
#include "matcher/matcher.h"

namespace inlier {

/// The shortlist without the index, as an oracle: every feature of the photo finds its nearest
/// features among all stored ones by their full descriptors, the nearest one of each item, and
/// gives a vote to the items of the few nearest. A vote weighs 1 − d²/b² by the distance d, where b
/// is the distance to the first item that gets no vote (McCann and Lowe, "Local naive Bayes nearest
/// neighbor", CVPR 2012): what is everywhere says nothing. The candidates have no voting pairs, so
/// all of them are matched. Takes milliseconds an item. Errors: as Collection::Fetch.
Result<std::vector<Candidate>> ExactShortlist(const Collection& collection,
                                              const PhotoMatcher& photo, int count,
                                              const ItemFilter& filter);

}  // namespace inlier
