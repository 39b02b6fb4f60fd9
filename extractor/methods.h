#pragma once

#include <memory>

#include "extractor/extractor.h"

namespace inlier {

/// RootSIFT: Lowe, IJCV 2004; Arandjelović and Zisserman, CVPR 2012. 128 bytes a row.
std::unique_ptr<Extractor> MakeSift(const ExtractorOptions& options);

/// SURF: Bay et al., CVIU 2008. 64 or 128 bytes a row. Absent from builds without INLIER_SURF.
std::unique_ptr<Extractor> MakeSurf(const ExtractorOptions& options);

/// BRIEF: Calonder et al., ECCV 2010. 256 bits a row.
std::unique_ptr<Extractor> MakeBrief(const ExtractorOptions& options);

/// ORB: Rublee et al., ICCV 2011. 256 bits a row.
std::unique_ptr<Extractor> MakeOrb(const ExtractorOptions& options);

}  // namespace inlier
