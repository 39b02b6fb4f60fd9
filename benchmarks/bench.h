#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "engine/engine.h"

namespace inlier {

struct BenchOptions {
  std::vector<std::filesystem::path> datasets;     // folders with catalogue and queries
  std::vector<std::filesystem::path> distractors;  // catalogues that only enlarge the gallery
  std::vector<std::string> methods;                // of MethodNames, or an oracle (benchmarks/oracles.h)
  std::filesystem::path out;                       // databases are kept here for the next run
  int exact_photos = 0;  // of each dataset, also asked with QueryOptions::exact
  int threads = 1;
  std::vector<std::pair<std::string, std::string>> set;  // options, as SetOption takes them
  std::function<void(const Progress&)> progress;
};

/// Indexes all catalogues as one gallery and asks every photo twice: with its own item in the gallery
/// and with it left out. Writes OUT/results.json (definitions in docs/EVALUATION.md) and
/// OUT/candidates-METHOD.csv (the evidence on each candidate, for calibration); returns a table for
/// people. Errors: as Engine's; kInvalidArgument for an unknown method.
Result<std::string> RunBench(const BenchOptions& options);

}  // namespace inlier
