#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"

namespace inlier {

/// A table of the figures that differ between two runs of the bench. Each run is given by its
/// folder, or by its results.json. Figures whose 95 % intervals do not overlap are marked. Errors:
/// kNotFound, kCorrupt.
Result<std::string> CompareRuns(const std::filesystem::path& before,
                                const std::filesystem::path& after);

}  // namespace inlier
