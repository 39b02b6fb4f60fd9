#pragma once

#include <memory>

#include "extractor/extractor.h"

namespace inlier {

/// RootSIFT: Lowe, IJCV 2004; Arandjelović and Zisserman, CVPR 2012. 128 bytes a row.
std::unique_ptr<Extractor> MakeSift(const ExtractorOptions& options);

/// ORB: Rublee et al., ICCV 2011. 256 bits a row.
std::unique_ptr<Extractor> MakeOrb(const ExtractorOptions& options);

}  // namespace inlier
