#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/catalogue.h"

namespace inlier {

/// A photo to ask with.
struct BenchPhoto {
  std::string dataset;
  std::string id;  // of the right item in the gallery; empty: none
  std::filesystem::path image;
};

/// Several catalogues as one, ids prefixed by their folder's name ("smvs-dvd/001").
struct Gallery {
  Catalogue catalogue;
  std::vector<std::string> datasets;  // those with photos, in the order given
  std::vector<BenchPhoto> photos;
};

/// Reads `datasets` (catalogue and photos) and `distractors` (catalogue alone). Errors: as
/// ReadCatalogue and ReadQueries; kInvalidArgument when a photo names an item that is not there.
Result<Gallery> ReadGallery(const std::vector<std::filesystem::path>& datasets,
                            const std::vector<std::filesystem::path>& distractors);

}  // namespace inlier
