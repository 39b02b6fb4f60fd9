#pragma once

#include <array>

#include "extractor/box_hessian.h"
#include "extractor/integral_image.h"

namespace inlier {

/// The direction that is to the right for a keypoint, as a unit vector with y down. It is kept as a
/// vector because the cosine of an angle differs between mathematics libraries.
struct Direction {
  float cosine = 1;
  float sine = 0;
};

/// The direction in which it gets brighter around a blob: Haar responses within 6 sigma are summed
/// over a window of 60 degrees that slides by 5. Bay et al., CVIU 2008, §4.1. It is to the right
/// where nothing can be measured.
Direction DominantDirection(const IntegralImage& image, const Blob& blob);

/// The sums of the Haar responses dx, |dx|, dy and |dy| in each of the 4 × 4 subregions of a square
/// of 20 sigma around a blob, which is turned by `right`. Bay et al., CVIU 2008, §4.2. They are not
/// normalised. The image counts as flat outside its borders.
std::array<float, 64> HaarSums(const IntegralImage& image, const Blob& blob, Direction right);

/// The same sums, split by the sign of the other derivative (SURF-128). For each subregion they are
/// dx and |dx| where dy < 0, then where dy >= 0, then dy and |dy| where dx < 0, then where dx >= 0.
std::array<float, 128> ExtendedHaarSums(const IntegralImage& image, const Blob& blob,
                                        Direction right);

}  // namespace inlier
