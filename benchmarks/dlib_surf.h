#pragma once

#include <memory>

#include "core/result.h"
#include "extractor/extractor.h"

namespace inlier {

/// Wraps dlib's SURF as an extractor to compare ours with. Its rows are 64 numbers of one byte
/// each. It uses our budget of features and dlib's default threshold.
Result<std::unique_ptr<Extractor>> MakeDlibSurf(const ExtractorOptions& options);

}  // namespace inlier
