#pragma once

#include <string>

#include "bench/results.h"
#include "bench/session.h"
#include "core/result.h"

namespace inlier {

/// How the methods that the session has asked answer rendered photos of a dataset's items as one
/// corruption after the other grows more severe (after Hendrycks and Dietterich, ICLR 2019). The
/// joint gallery is searched. Each corruption's first scene is also written to OUT/pictures, and
/// the figures are kept in OUT/stress-DATASET-CORRUPTION.json for the next run. Errors: as
/// RenderCorrupted and OpenMethod.
Result<ByName<CorruptionFigures>> MeasureCorruptions(BenchSession& session,
                                                     const std::string& dataset);

}  // namespace inlier
