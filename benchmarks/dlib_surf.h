#pragma once

#include <memory>

#include "core/result.h"
#include "extractor/extractor.h"

namespace inlier {

/// The SURF of dlib as an extractor, to compare with: rows of 64 numbers, each as a byte. It has
/// our budget of features and dlib's own threshold.
Result<std::unique_ptr<Extractor>> MakeDlibSurf(const ExtractorOptions& options);

}  // namespace inlier
