#pragma once

#include <filesystem>
#include <vector>

#include "bench/dataset.h"

namespace inlier {

/// Reads one dataset; what the folder contains decides which kind it is. Errors: as ReadCatalogue
/// and ReadQueries; kInvalidArgument when the ground truth cannot be read, or names an item that is
/// not in the catalogue.
Result<Dataset> ReadDataset(const std::filesystem::path& folder);

/// Several catalogues joined into one.
struct Gallery {
  Catalogue catalogue;
  std::vector<Dataset> datasets;   // those that have photos, in the order given
  std::vector<BenchPhoto> photos;  // of all these datasets
};

/// Reads the catalogues and photos of `datasets`, and the catalogues alone of `distractors`.
/// Errors: as ReadDataset; kInvalidArgument when two folders have the same name.
Result<Gallery> ReadGallery(const std::vector<std::filesystem::path>& datasets,
                            const std::vector<std::filesystem::path>& distractors);

/// Up to `per_dataset` photos of each dataset that show an item of the catalogue, evenly spaced.
/// They are places in Gallery::photos, in ascending order.
std::vector<std::size_t> SamplePhotos(const Gallery& gallery, std::size_t per_dataset);

}  // namespace inlier
