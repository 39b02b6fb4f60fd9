#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "inlier/engine.h"

namespace inlier {

struct BenchOptions {
  std::vector<std::filesystem::path> datasets;     // see ReadDataset
  std::vector<std::filesystem::path> distractors;  // catalogues that only enlarge the gallery
  std::vector<std::string> methods;                // see CheckMethod, and "hybrid"
  std::filesystem::path out;      // databases and answers are kept here for the next run
  std::filesystem::path visible;  // rows "photo,id,verdict": other items that a photo truly shows
                                  // ("visible"), or may ("unclear")
  int exact_photos = 0;      // of each dataset, also asked exactly, to say what the index loses
  int reference_photos = 5;  // of each dataset, that the slow reference methods are asked
  std::vector<std::string> stress;   // datasets whose items stand in the stress scenes
  std::vector<std::string> sliders;  // of StressSliders; empty: all
  int stress_scenes = 8;             // for each level and seed
  int seed = 1;  // of what a projection is learned from (one that is in OUT stays), and of the
                 // stress scenes
  bool report = true;
  int threads = 1;
  std::string command;                                   // as it was typed, for the report
  std::vector<std::pair<std::string, std::string>> set;  // options, as SetOption takes them
  std::function<void(const Progress&)> progress;
  std::function<void(const std::string&)> notice;  // a line for a person
};

/// Indexes all catalogues as one gallery and asks every photo with each method: with its own item
/// in the gallery, with it left out, and in its own dataset alone. Writes to OUT: results.json (its
/// schema is in docs/EVALUATION.md), answers-METHOD.json (every answer), candidates-METHOD.csv
/// (evidence, for calibration), pictures, and report.html. A run that was stopped goes on where it
/// was: what is in OUT for the same data, options and program is not done anew. Returns a table for
/// people. Errors: as Engine's; kInvalidArgument for an unknown method or dataset.
Result<std::string> RunBench(const BenchOptions& options);

/// A table of what differs between two runs' results.json, with the intervals. Errors: kNotFound,
/// kCorrupt.
Result<std::string> CompareRuns(const std::filesystem::path& before,
                                const std::filesystem::path& after);

}  // namespace inlier
