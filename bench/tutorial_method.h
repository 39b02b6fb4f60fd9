#pragma once

#include <memory>

#include "bench/bench_method.h"
#include "bench/gallery.h"

namespace inlier {

/// What OpenCV's tutorial "Feature Matching + Homography" does, for each item of the photo's own
/// dataset in turn: 1,000 SIFT features with OpenCV's defaults, nearest neighbours by FLANN's
/// kd-trees (5 trees, 50 checks), a ratio test at 0.7, and a homography by RANSAC (5 px) when more
/// than 10 matches pass. Items are ranked by inliers, and an item with a homography is accepted.
/// The tutorial has no probability; inliers / (inliers + 10) stands in its place, which orders hits
/// and means nothing else. Images are reduced to `max_side_px` like those of the other methods.
std::unique_ptr<BenchMethod> MakeTutorialMethod(const Gallery& gallery, int max_side_px,
                                                int threads);

}  // namespace inlier
