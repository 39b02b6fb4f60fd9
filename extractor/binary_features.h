#pragma once

#include "core/features.h"
#include "core/image.h"
#include "extractor/binary_tests.h"
#include "extractor/corner_pyramid.h"

namespace inlier {

/// How far the tests reach from the middle of the patch, and the side of the patch. No level of the
/// pyramid is smaller than the patch.
constexpr int kReach_px = 24;
constexpr int kPatch_px = 2 * kReach_px + 1;

/// How BRIEF and ORB find corners and smooth the patch around them.
struct BinaryOptions {
  int levels = 8;
  double factor = 1.2;
  std::vector<std::uint16_t> taps = {56, 49, 33, 18};  // Gaussian of sigma 2 px
  CornerOptions corners;
};

/// Finds the corners in a pyramid of `grey` and describes each by the outcome of the tests around
/// it. An image that is smaller than the patch has none.
Features ExtractBinary(const Image& grey, const BinaryTests& tests, const BinaryOptions& options);

}  // namespace inlier
