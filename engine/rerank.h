#pragma once

#include <functional>
#include <span>
#include <vector>

#include "engine/decide.h"
#include "index/collection.h"
#include "matcher/appearance.h"
#include "matcher/matcher.h"

namespace inlier {

/// A photo prepared for matching. Photo and features must outlive it.
struct PhotoView {
  PhotoView(const Image& photo, const Features& of_photo, const MatcherOptions& options)
      : features(of_photo), matcher(of_photo, options), appearance(photo) {}
  const Features& features;
  PhotoMatcher matcher;
  PhotoAppearance appearance;
};

/// Adds what matching needs to these items: see Collection::Complete.
using CompleteItems = std::function<Status(std::span<StoredItem* const>)>;

/// Matches, verifies and scores the shortlisted items, in the order of the shortlist. Items that
/// were removed meanwhile are left out. `complete` is asked for the descriptors of those that are
/// matched. Errors: its own.
Result<std::vector<Hypothesis>> Rerank(const PhotoView& photo, std::vector<StoredItem> items,
                                       std::span<const Candidate> shortlist,
                                       const DecisionOptions& options,
                                       const CompleteItems& complete);

}  // namespace inlier
