#pragma once

#include "extractor/binary_tests.h"

namespace inlier {

/// The tests of ORB, which benchmarks/train_orb_pattern.cc has learnt from photos.
inline constexpr TestPattern kOrbPattern = {{
#include "extractor/orb_pattern.inc"
}};

}  // namespace inlier
