#pragma once

#include <array>
#include <cstdint>

#include "extractor/plane.h"

namespace inlier {

constexpr int kOrientationBins = 36;

/// Asks the processor to load into its cache what the histograms of a keypoint will read.
void PrefetchPatch(const Plane& level, int x, int y, float sigma_px);

/// The histogram of the gradient orientations around a point, weighted by magnitude and distance,
/// and smoothed. Lowe, IJCV 2004, §5. `sigma_px` is the scale of the keypoint in pixels of `level`.
std::array<float, kOrientationBins> OrientationHistogram(const Plane& level, float x_px, float y_px,
                                                         float sigma_px);

/// Samples along each side of the descriptor's window, which is 5 bins wide.
constexpr int kDescriptorGrid = 16;

/// The 4 × 4 × 8 histogram of a SIFT descriptor, not normalised. Lowe, IJCV 2004, §6. In contrast
/// to the paper it is made from a fixed grid of samples that turns and scales with the keypoint,
/// not from all pixels of the window, which makes the spatial weights constants.
std::array<float, 128> DescriptorHistogram(const Plane& level, float x_px, float y_px,
                                           float sigma_px, float angle_rad);

}  // namespace inlier
