#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/image.h"
#include "index/collection.h"
#include "inlier/answer.h"
#include "inlier/engine.h"
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

/// The small picture of an item that appearance is compared with, as bytes to store.
std::string MakePreview(const Image& image);

/// Adds what matching needs of these items: see Collection::Complete.
using CompleteItems = std::function<Status(std::span<StoredItem* const>)>;

/// Rematches, verifies and scores the shortlisted items; best score first. Of several items that
/// explain the same place of the photo only the best can be accepted.
/// `complete` is asked for the descriptors of those that are matched. Errors: its own.
Result<std::vector<Hit>> JudgeCandidates(const PhotoView& photo, std::vector<StoredItem> items,
                                         std::span<const Candidate> shortlist,
                                         const DecisionOptions& options,
                                         const CompleteItems& complete);

/// Reduces the hits to what the caller asked for.
void KeepRequested(std::vector<Hit>& hits, const QueryOptions& options);

}  // namespace inlier
