#pragma once

#include <array>

#include "extractor/box_hessian.h"
#include "extractor/integral_image.h"

namespace inlier {

/// Which way is right, for a keypoint: a unit vector, y down. Kept as a vector, since cosines of
/// angles differ between mathematics libraries.
struct Direction {
  float cosine = 1;
  float sine = 0;
};

/// The direction of most brightening around a blob: Haar responses within 6 sigma, summed over a
/// window of 60 degrees that slides by 5. Bay et al., CVIU 2008, §4.1.
Direction DominantDirection(const IntegralImage& image, const Blob& blob);

/// Haar responses of the square of 20 sigma around a blob, turned by `right`: for each of 4×4
/// subregions the sums of dx, |dx|, dy, |dy|. Bay et al., §4.2. Not normalised. What lies outside
/// the image counts as flat.
std::array<float, 64> HaarSums(const IntegralImage& image, const Blob& blob, Direction right);

/// The sums split by the sign of the other derivative (SURF-128): for each subregion those of dx
/// and |dx| where dy < 0, where dy >= 0, then those of dy and |dy| where dx < 0, where dx >= 0.
std::array<float, 128> ExtendedHaarSums(const IntegralImage& image, const Blob& blob,
                                        Direction right);

}  // namespace inlier
