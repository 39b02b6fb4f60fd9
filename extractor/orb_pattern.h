#pragma once

#include "extractor/binary_tests.h"

namespace inlier {

/// The tests of ORB.
inline constexpr TestPattern kOrbPattern = {{
#include "extractor/orb_pattern.inc"
}};

}  // namespace inlier
