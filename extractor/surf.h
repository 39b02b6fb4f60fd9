#pragma once

#include <memory>

#include "extractor/extractor.h"
#include "inlier/options.h"

namespace inlier {

/// SURF features with descriptors of 64 bytes, or 128 when extended. Bay et al., "Speeded-up robust
/// features (SURF)", CVIU 2008. Builds without INLIER_SURF lack it.
std::unique_ptr<Extractor> MakeSurf(const ExtractorOptions& options);

}  // namespace inlier
