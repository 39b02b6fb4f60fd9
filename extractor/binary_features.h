#pragma once

#include "core/features.h"
#include "core/image.h"
#include "extractor/binary_tests.h"
#include "extractor/corner_pyramid.h"

namespace inlier {

/// What BRIEF and ORB share: where they look and how the patch is smoothed.
struct BinaryOptions {
  int levels = 8;
  double factor = 1.2;
  std::vector<std::uint16_t> taps = {56, 49, 33, 18};  // Gaussian of sigma 2 px
  CornerOptions corners;
};

/// Side of the patch that the tests look at, and of the smallest level.
constexpr int kPatch_px = 31;

/// Corners of a pyramid over `grey` and the outcome of the tests about each. Images smaller than the
/// patch have none.
Features ExtractBinary(const Image& grey, const BinaryTests& tests, const BinaryOptions& options);

}  // namespace inlier
