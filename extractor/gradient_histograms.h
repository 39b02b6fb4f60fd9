#pragma once

#include <array>
#include <cstdint>

#include "extractor/plane.h"

namespace inlier {

constexpr int kOrientationBins = 36;

/// Asks the cache for what the histograms of a keypoint will read.
void PrefetchPatch(const Plane& level, int x, int y, float sigma_px);

/// Gradient orientations around a point, weighted by magnitude and distance. Lowe, IJCV 2004, §5.
/// `sigma_px` is the keypoint's scale in pixels of `level`.
std::array<float, kOrientationBins> OrientationHistogram(const Plane& level, float x_px, float y_px,
                                                         float sigma_px);

/// Samples a side of the descriptor's window, which is 5 bins wide.
constexpr int kDescriptorGrid = 16;

/// The 4×4×8 histogram of a SIFT descriptor, not normalised. Lowe, §6, on a fixed grid of samples
/// that turns and scales with the keypoint, instead of on all pixels of the window: the spatial
/// weights then are constants.
std::array<float, 128> DescriptorHistogram(const Plane& level, float x_px, float y_px,
                                           float sigma_px, float angle_rad);

}  // namespace inlier
