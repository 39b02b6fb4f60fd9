#pragma once

#include <vector>

#include "bench/results.h"
#include "bench/session.h"
#include "core/result.h"

namespace inlier {

/// Draws a few right and a few wrong answers of each method on each dataset, writes the pictures to
/// OUT/pictures and returns a list of them. The references and "deep-raw" are left out. Errors:
/// kIo.
Result<std::vector<DrawnAnswer>> DrawAnswers(BenchSession& session);

}  // namespace inlier
