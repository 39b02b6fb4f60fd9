#pragma once

#include <memory>

#include "bench/methods.h"

namespace inlier {

/// What OpenCV's tutorial "Feature Matching + Homography" does, for each item of the photo's own
/// dataset in turn: 1,000 SIFT features with OpenCV's defaults, FLANN's kd-trees (5 trees, 50
/// checks), a ratio of 0.7, and a homography by RANSAC (5 px) when there are 10 matches. Items rank
/// by inliers; with a homography one is accepted. There is no probability, so a hit's is inliers /
/// (inliers + 10): it orders, and means nothing.
Result<std::unique_ptr<BenchMethod>> MakeTutorial(const BenchOptions& options,
                                                  const Gallery& gallery);

}  // namespace inlier
