#pragma once

#include <string>

#include "bench/bench_options.h"
#include "core/result.h"

namespace inlier {

/// Indexes all catalogues as one gallery and asks each method about every photo: with the photo's
/// own item in the gallery, without it, and in the catalogue of the photo's own dataset alone.
/// Returns a table for people. What else it writes to OUT:
///   results.json             all figures, as docs/EVALUATION.md describes them
///   report.html, pictures/   a page to read
///   answers-METHOD.json      every answer
///   candidates-METHOD.csv    the evidence on each candidate
///   db-METHOD/ and others    what the next run takes over
/// A run that was stopped continues where it was: what OUT already has for the same data, options
/// and program is not measured again. Errors: as Engine's; kInvalidArgument for an unknown method,
/// dataset or corruption.
Result<std::string> RunBench(const BenchOptions& options);

}  // namespace inlier
