#pragma once

#include <functional>
#include <optional>
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

/// Makes whole items of these: see Collection::FetchDescriptors.
using FetchWholeItems =
    std::function<Result<std::vector<std::optional<StoredItem>>>(std::vector<ItemKeypoints> items)>;

/// Matches, verifies and scores the shortlisted items, in the order of the shortlist. Items that
/// were removed meanwhile are left out. `fetch` is asked for the items that are
/// matched. Errors: its own.
Result<std::vector<Hypothesis>> Rerank(const PhotoView& photo, std::vector<ItemKeypoints> items,
                                       std::span<const Candidate> shortlist,
                                       const DecisionOptions& options,
                                       const FetchWholeItems& fetch);

}  // namespace inlier
