#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/metrics.h"
#include "core/image.h"
#include "core/result.h"
#include "engine/queries.h"
#include "inlier/catalogue.h"

namespace inlier {

/// A photo to ask with.
struct BenchPhoto {
  std::string dataset;
  std::filesystem::path image;
  Truth truth;  // ids of the gallery
  /// Left, top, right and bottom in pixels when only a part of the photo is asked for.
  std::optional<std::array<double, 4>> crop = std::nullopt;

  /// The item that the photo shows; of several, the first. Empty: none.
  std::string own() const { return truth.relevant.empty() ? "" : truth.relevant.front(); }
  /// What is asked with. Errors: as ReadImage.
  Result<Image> Read() const;
};

/// How a dataset says what is right.
enum class DatasetKind {
  kCatalogue,  // catalogue and queries.csv
  kOxford,     // gt/NAME_query.txt with _good, _ok and _junk beside it, pictures in the folder or
               // below
  kUkbench,    // ukbenchNNNNN.jpg: four in a row show one object, and each asks for all four
};

struct Dataset {
  std::string name;  // of its folder
  DatasetKind kind = DatasetKind::kCatalogue;
  Catalogue catalogue;  // ids with the name in front ("smvs-dvd/001")
  std::vector<BenchPhoto> photos;
};

/// Reads a dataset; its kind is told by what the folder holds. Errors: as ReadCatalogue and
/// ReadQueries; kInvalidArgument when a photo names an item that is not there, or ground truth
/// cannot be read.
Result<Dataset> ReadDataset(const std::filesystem::path& folder);

/// Several catalogues as one.
struct Gallery {
  Catalogue catalogue;
  std::vector<Dataset> datasets;   // those with photos, in the order given
  std::vector<BenchPhoto> photos;  // of all of them
};

/// Reads `datasets` (catalogue and photos) and `distractors` (catalogue alone). Errors: as
/// ReadDataset; kInvalidArgument for two folders of one name.
Result<Gallery> ReadGallery(const std::vector<std::filesystem::path>& datasets,
                            const std::vector<std::filesystem::path>& distractors);

}  // namespace inlier
