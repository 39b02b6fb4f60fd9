#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/collage.h"
#include "benchmarks/program.h"
#include "core/features.h"
#include "core/result.h"
#include "index/item.h"

namespace inlier {

inline constexpr const char* kScaleProgram = "inlier-bench-scale";

/// The options of the benchmark of growing catalogues.
struct ScaleOptions : CommonOptions {
  std::string method = "sift";
  std::vector<std::size_t> items;
  std::vector<std::pair<std::string, std::string>> set;
  std::size_t item_features = 500, photo_features = 1000;
  int threads = 1;
  bool pictures = false;
};

/// A photo of the data sets, and the item that it shows.
struct ScalePhoto {
  std::string dataset;
  FaceNumber right = 0;
  Features features;
};

/// What is real in a growing catalogue.
struct World {
  std::vector<Features> items;
  std::size_t distractors_from = 0;  // no photo shows an item from here on
  std::vector<ScalePhoto> photos;
  Collages collages{{}};
};

/// Tells a person what has been done.
void Note(const std::string& line);

/// The `count` strongest features, in their original order.
Features Strongest(const Features& all, std::size_t count);

/// Reads the features of the gallery's items from a database that is kept in `out`, and extracts
/// the features of the photos. Errors: those of reading pictures and of the database.
Result<World> ReadWorld(const ScaleOptions& options);

}  // namespace inlier
