#pragma once

#include <memory>

#include "extractor/extractor.h"
#include "inlier/options.h"

namespace inlier {

/// Oriented FAST corners with rotated, learnt BRIEF tests of 256 bits. Rublee et al., "ORB: An
/// efficient alternative to SIFT or SURF", ICCV 2011.
std::unique_ptr<Extractor> MakeOrb(const ExtractorOptions& options);

}  // namespace inlier
