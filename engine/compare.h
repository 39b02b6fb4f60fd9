#pragma once

#include "core/result.h"
#include "engine/retrieval.h"
#include "extractor/extractor.h"
#include "inlier/comparison.h"

namespace inlier {

/// How a retrieval compares a photo and one face, with the sizes of both. Errors: as
/// Retrieval::Compare.
Result<Comparison> CompareWithFace(const Extractor& extractor, const Retrieval& retrieval,
                                   const Image& photo, const StoredFace& face);

}  // namespace inlier
