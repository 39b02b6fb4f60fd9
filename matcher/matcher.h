#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/features.h"
#include "inlier/options.h"

namespace inlier {

/// Feature `photo` of the photo corresponds to feature `item` of the item.
struct FeatureMatch {
  std::uint32_t photo = 0;
  std::uint32_t item = 0;
  float distance = 0;  // L2 of byte rows, or bits
  float ratio = 0;     // distance over the second nearest's; 0 for an exact match
};

/// A 3×3 homography, row-major, that takes pixels of the item to pixels of the photo.
using Homography = std::array<double, 9>;

/// Where `point` goes.
Point Transform(const Homography& photo_from_item, Point point);

/// True inside a convex polygon whose corners run clockwise with y down.
bool Contains(const std::array<Point, 4>& polygon, Point point);

/// A model that passed its checks.
struct Geometry {
  Homography photo_from_item{};
  std::array<Point, 4> polygon;       // the item's corners in the photo
  std::vector<FeatureMatch> inliers;  // one-to-one
  int matches = 0;                    // one-to-one matches that went in
  double item_coverage = 0;           // share of the item's feature area that the inliers span
  double photo_share = 0;             // inliers over the photo's features inside the outline
  double mean_error_px = 0;           // of the inliers, scaled to an 800 px photo
};

/// Matches the features of one photo against those of items. The photo's side is prepared once.
/// Safe to call from many threads.
class PhotoMatcher {
 public:
  /// `photo` must outlive this object.
  PhotoMatcher(const Features& photo, const MatcherOptions& options);
  ~PhotoMatcher();
  PhotoMatcher(const PhotoMatcher&) = delete;
  PhotoMatcher& operator=(const PhotoMatcher&) = delete;

  /// How many of these pairs, thinned to one for each feature by distance (of any measure), agree
  /// on one similarity. Ranks candidates before the full match; says nothing absolute. Indices must
  /// be within the photo and `item`, whose descriptors are not read.
  int PoseSupport(const Features& item, std::vector<FeatureMatch> pairs) const;

  /// Mutual nearest neighbours that pass the ratio test, by photo feature. `item` must be of the
  /// photo's kind and row size; else, and for empty sets, there are none.
  std::vector<FeatureMatch> Match(const Features& item) const;

  /// For each photo feature its nearest feature of the item, mutual or not; features of a sign that
  /// the item lacks are left out. Ratios are not set. As Match for items that do not compare.
  std::vector<FeatureMatch> NearestOf(const Features& item) const;
  std::size_t features() const;  // of the photo

  /// The homography that most matches agree with, or nothing: MAGSAC++ (Barath et al., CVPR 2020)
  /// started from the best one-match similarity (Lowe, IJCV 2004, §7.2 by exhaustion), then checks
  /// that the item's outline stays convex, keeps its orientation and has a sane size.
  std::optional<Geometry> Verify(const Features& item,
                                 const std::vector<FeatureMatch>& matches) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier
