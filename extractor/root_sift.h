#pragma once

#include <array>
#include <cstdint>

#include "extractor/sift_coefficients.h"

namespace inlier {

/// RootSIFT rows have unit L2 norm. As entries are rarely above 0.5, this scale spends the range of
/// a byte on the values that occur.
inline constexpr float kRootSiftScale = 510.0f;

/// Makes a row of bytes from a histogram of gradients. Lowe, IJCV 2004, §6.1: scale to unit length,
/// cap the entries at 0.2, scale to unit length again. Then RootSIFT (Arandjelović and Zisserman,
/// CVPR 2012, §2): divide by the L1 norm and take square roots, so that the Euclidean distance of
/// two rows becomes the Hellinger distance of their histograms.
void ToRootSift(std::array<float, kSiftDims> histogram, std::uint8_t* out);

}  // namespace inlier
