#pragma once

#include "core/features.h"
#include "core/image.h"
#include "extractor/binary_tests.h"
#include "extractor/corner_pyramid.h"

namespace inlier {

/// Reach of the tests from the middle of the patch, and its side: that of the smallest level.
constexpr int kReach_px = 24;
constexpr int kPatch_px = 2 * kReach_px + 1;

/// What BRIEF and ORB share: where they look and how the patch is smoothed.
struct BinaryOptions {
  int levels = 8;
  double factor = 1.2;
  std::vector<std::uint16_t> taps = {56, 49, 33, 18};  // Gaussian of sigma 2 px
  CornerOptions corners;
};

/// Corners of a pyramid over `grey` and the outcome of the tests about each. Images smaller than
/// the patch have none.
Features ExtractBinary(const Image& grey, const BinaryTests& tests, const BinaryOptions& options);

}  // namespace inlier
