#pragma once

#include <memory>

#include "core/result.h"
#include "engine/retrieval.h"
#include "inlier/options.h"

namespace inlier {

/// The way to retrieve that suits the method of the features. Errors: as DeepCalibration.
Result<std::unique_ptr<Retrieval>> MakeRetrieval(const EngineOptions& options);

}  // namespace inlier
