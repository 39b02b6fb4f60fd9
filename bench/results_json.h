#pragma once

#include <filesystem>

#include "bench/results.h"
#include "core/result.h"

namespace inlier {

/// Writes results.json, whose schema docs/EVALUATION.md describes. Errors: kIo.
Status WriteResults(const std::filesystem::path& path, const BenchResults& results);

}  // namespace inlier
