#pragma once

#include <filesystem>

#include "core/result.h"

namespace inlier {

/// Writes OUT/report.html from OUT/results.json and OUT/pictures by bench/report.py, whose
/// plots are matplotlib's. Errors: kNotFound (no python3, no matplotlib, no script), kIo.
Status WriteBenchReport(const std::filesystem::path& out);

}  // namespace inlier
