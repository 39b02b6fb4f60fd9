#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "inlier/engine.h"

namespace inlier {

/// What a run of the bench measures, and where it writes.
struct BenchOptions {
  std::vector<std::filesystem::path> datasets;     // see ReadDataset
  std::vector<std::filesystem::path> distractors;  // catalogues that only enlarge the gallery
  std::vector<std::string> methods;                // names that CheckMethod knows
  /// Methods that are answers in files, by the names of the methods. See bench/given_answers.h.
  std::vector<std::pair<std::string, std::filesystem::path>> answers;
  std::filesystem::path gallery;  // where the gallery is written, and nothing else done; or empty
  std::filesystem::path out;  // results; also databases and answers that the next run takes over
  std::filesystem::path visible;  // see VisibleItems; empty: there is no such table
  int exact_photos = 0;           // photos of each dataset that exact voting is compared on
  int reference_photos = 5;       // photos of each dataset that the slow methods are asked
  std::vector<std::string> corrupted_datasets;  // whose items are rendered into corrupted photos
  std::vector<std::string> corruptions;         // names of Corruptions(); empty: all of them
  int corruption_scenes = 8;                    // scenes for each severity and seed
  /// Seed of the synthetic photos that a projection is learnt from (a projection that is in `out`
  /// already is kept), and of the corrupted photos.
  int seed = 1;
  bool report = true;  // also write pictures and report.html
  int threads = 1;
  std::string command;                                   // as it was typed, for the report
  std::vector<std::pair<std::string, std::string>> set;  // options, as SetOption takes them
  std::function<void(const Progress&)> progress;
  std::function<void(const std::string&)> notice;  // gets a line for a person
};

}  // namespace inlier
