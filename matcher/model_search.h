#pragma once

#include <array>
#include <optional>
#include <vector>

#include "matcher/matcher.h"

namespace inlier {

/// The steps of the search for the one geometric model that the matches of a photo with an item
/// have in common. PhotoMatcher::Verify puts them together. What the constructor is given must
/// outlive this object.
class ModelSearch {
 public:
  /// `photo_side_px` is the long side of the photo, on which tolerances depend.
  ModelSearch(const Features& photo, const Features& item, const std::vector<FeatureMatch>& matches,
              const MatcherOptions& options, double photo_side_px);

  /// The indices of the matches that agree with the best one-match similarity. At most 150 of them
  /// are tried, those with the smallest ratios first.
  std::vector<std::size_t> BestPose() const;

  /// A homography by MAGSAC++ (Barath et al., CVPR 2020) from the matches with these indices.
  std::optional<Homography> FitHomography(const std::vector<std::size_t>& support) const;
  /// An affine map by least squares over all matches with these indices.
  std::optional<Homography> FitAffine(const std::vector<std::size_t>& support) const;

  /// The indices of the matches whose transfer error is at most `tolerance_px`.
  std::vector<std::size_t> Support(const Homography& h, double tolerance_px) const;

  /// The model with its inliers and measures; nothing when there is no model, when its outline is
  /// not plausible, or when it has too few inliers.
  std::optional<Geometry> Validate(const std::optional<Homography>& model) const;

  /// The largest transfer error of an inlier, in pixels of the photo.
  double inlier_tolerance_px() const;

 private:
  // What one match says about the pose, stored side by side for the search.
  struct MatchPose {
    Point photo, item;
    float turn_rad, octaves;  // the photo's orientation and log2 scale, less the item's
  };
  // photo = [a −b; b a] item + t
  struct Similarity {
    double a = 1, b = 0, tx = 0, ty = 0;
    double scale() const;
  };

  Point PhotoPoint(const FeatureMatch& m) const { return photo_.keypoints[m.photo].point; }
  Point ItemPoint(const FeatureMatch& m) const { return item_.keypoints[m.item].point; }
  // Appends the places of these matches in the item to `from` and in the photo to `to`.
  void Gather(const std::vector<std::size_t>& support, std::vector<Point>& from,
              std::vector<Point>& to) const;
  // The distance in the photo, in pixels, from where the model takes the item's point to its match
  // (Hartley and Zisserman, §4.2.2, in one image).
  double TransferError(const Homography& h, const FeatureMatch& match) const;
  Similarity PoseOf(std::size_t i) const;
  // Whether match j lies near the pose that match i gives and has its orientation and scale.
  bool Agrees(const Similarity& pose, std::size_t i, std::size_t j, double tolerance_px) const;
  // The inliers of a model, smallest errors first. No two of them share a place in the photo or the
  // item: one spot with two orientations is a single piece of evidence.
  std::vector<FeatureMatch> Inliers(const Homography& h, double tolerance_px,
                                    double* error_sum) const;
  // The share of the item's grid cells with features that have inliers.
  double Coverage(const std::vector<FeatureMatch>& inliers) const;

  const Features& photo_;
  const Features& item_;
  const std::vector<FeatureMatch>& matches_;
  const MatcherOptions& options_;
  double photo_side_px_;
  std::array<Point, 4> corners_;
  std::vector<MatchPose> poses_;
};

}  // namespace inlier
