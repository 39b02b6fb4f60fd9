#pragma once

#include <memory>

#include "extractor/extractor.h"
#include "inlier/options.h"

namespace inlier {

/// FAST corners with BRIEF descriptors of 256 bits. Calonder et al., "BRIEF: Binary robust
/// independent elementary features", ECCV 2010.
std::unique_ptr<Extractor> MakeBrief(const ExtractorOptions& options);

}  // namespace inlier
