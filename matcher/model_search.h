#pragma once

#include <array>
#include <optional>
#include <vector>

#include "matcher/matcher.h"

namespace inlier {

/// The search for the model that a photo's matches with one item have in common. Everything that it
/// is given must outlive it.
class ModelSearch {
 public:
  ModelSearch(const Features& photo, const Features& item, const std::vector<FeatureMatch>& matches,
              const MatcherOptions& options, double photo_side_px);

  /// The matches that the best one-match similarity gathers, by index. Poses are tried by rising
  /// ratio.
  std::vector<std::size_t> BestPose() const;

  /// From the matches of these indices: MAGSAC++ (Barath et al., CVPR 2020), or least squares over
  /// all of them.
  std::optional<Homography> FitHomography(const std::vector<std::size_t>& support) const;
  std::optional<Homography> FitAffine(const std::vector<std::size_t>& support) const;

  /// Matches near the model, for another fit.
  std::vector<std::size_t> Support(const Homography& h, double tolerance_px) const;

  /// The model with its inliers and measures; none when its outline or the number of its inliers
  /// rules it out.
  std::optional<Geometry> Judge(const std::optional<Homography>& model) const;

  /// The largest error of an inlier, in pixels of the photo.
  double Tolerance() const;

 private:
  // What one match says of the pose, side by side for the search.
  struct MatchPose {
    Point photo, item;
    float turn_rad, octaves;  // of the photo's keypoint from the item's
  };
  // photo = [a −b; b a] item + t
  struct Similarity {
    double a = 1, b = 0, tx = 0, ty = 0;
    double scale() const;
  };

  Point PhotoPoint(const FeatureMatch& m) const { return photo_.keypoints[m.photo].point; }
  Point ItemPoint(const FeatureMatch& m) const { return item_.keypoints[m.item].point; }
  // The places of these matches on both sides.
  void Gather(const std::vector<std::size_t>& support, std::vector<Point>& from,
              std::vector<Point>& to) const;
  double Error(const Homography& h, const FeatureMatch& match) const;
  Similarity PoseOf(std::size_t i) const;
  // Whether match j lies near the pose that match i gives, and is turned and scaled alike.
  bool Agrees(const Similarity& pose, std::size_t i, std::size_t j, double tolerance_px) const;
  // Inliers of a model, best first, distinct in place on both sides: one spot with two orientations
  // is one piece of evidence.
  std::vector<FeatureMatch> Inliers(const Homography& h, double tolerance_px,
                                    double* error_sum) const;
  // Share of the grid cells with features that have inliers.
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
