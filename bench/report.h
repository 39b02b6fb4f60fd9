#pragma once

#include <filesystem>

#include "core/result.h"

namespace inlier {

/// Writes OUT/report.html from OUT/results.json and OUT/pictures. It runs bench/report.py, whose
/// plots are made by matplotlib. Errors: kNotFound (there is no python3 or no script), kIo (the
/// script failed, as it does without matplotlib).
Status WriteBenchReport(const std::filesystem::path& out);

}  // namespace inlier
