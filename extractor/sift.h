#pragma once

#include <memory>

#include "extractor/extractor.h"
#include "inlier/options.h"

namespace inlier {

/// SIFT features with RootSIFT descriptors: 64 coefficients, or all 128 bytes (sift_full). Lowe,
/// "Distinctive image features from scale-invariant keypoints", IJCV 2004; Arandjelović and
/// Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012.
std::unique_ptr<Extractor> MakeSift(const ExtractorOptions& options);

}  // namespace inlier
