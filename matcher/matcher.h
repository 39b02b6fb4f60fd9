#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/features.h"
#include "inlier/options.h"
#include "matcher/outline.h"

namespace inlier {

/// Matches the features of one photo with those of items, and verifies the matches. The photo's
/// side is prepared once. Safe to call from many threads.
class PhotoMatcher {
 public:
  /// `photo` must outlive this object.
  PhotoMatcher(const Features& photo, const MatcherOptions& options);
  ~PhotoMatcher();
  PhotoMatcher(const PhotoMatcher&) = delete;
  PhotoMatcher& operator=(const PhotoMatcher&) = delete;

  /// The number of the photo's features.
  std::size_t features() const;

  /// How many of these pairs agree on one similarity transform, after they have been thinned to one
  /// for each feature, the smallest distances first. Any measure of distance will do. The number
  /// ranks candidates before the full match and has no absolute meaning. Indices must be within the
  /// photo and `item`, whose descriptors are not read.
  int PoseSupport(const Features& item, std::vector<FeatureMatch> pairs) const;

  /// Mutual nearest neighbours that pass the ratio test, in the order of the photo's features.
  /// There are none when either side is empty, or when `item` has another kind or size of
  /// descriptor than the photo.
  std::vector<FeatureMatch> Match(const Features& item) const;

  /// The nearest feature of the item for each feature of the photo, mutual or not. Photo features
  /// are left out when no feature of the item has the same sign of the response, and ratios are not
  /// set. There are none in the same cases as for Match.
  std::vector<FeatureMatch> NearestOf(const Features& item) const;

  /// The homography that most matches agree with, or nothing when there is no plausible one.
  std::optional<Geometry> Verify(const Features& item,
                                 const std::vector<FeatureMatch>& matches) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier
