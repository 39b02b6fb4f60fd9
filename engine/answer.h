#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/image.h"
#include "engine/engine.h"
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

/// Rematches, verifies and scores the shortlisted items; best score first. Of several items that
/// explain the same place of the photo only the best can be accepted.
std::vector<Hit> JudgeCandidates(const PhotoView& photo, std::span<const StoredItem> items,
                                 std::span<const Candidate> shortlist, const DecisionOptions& options);

/// Reduces the hits to what the caller asked for.
void Trim(std::vector<Hit>& hits, const QueryOptions& options);

}  // namespace inlier
