#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/metrics.h"
#include "core/image.h"
#include "core/result.h"
#include "inlier/catalogue.h"

namespace inlier {

/// The part of a photo that is used as the query. Edges in pixels, where the first pixel of a row
/// reaches from 0 to 1.
struct Crop {
  double left_px = 0;
  double top_px = 0;
  double right_px = 0;
  double bottom_px = 0;
};

/// A photo to query with, and what a method should find in it.
struct BenchPhoto {
  std::string dataset;
  std::filesystem::path image;
  Truth truth;                              // ids as they are in the gallery
  std::optional<Crop> crop = std::nullopt;  // absent: the whole photo is the query

  /// The item that the photo shows, or the first one when it shows several. Empty when it shows
  /// none.
  std::string own() const { return truth.relevant.empty() ? "" : truth.relevant.front(); }
  /// The photo, or the part of it that is the query. Errors: as ReadImage; kBadImage when the crop
  /// lies outside of the photo.
  Result<Image> Read() const;
};

/// The form in which a dataset states its ground truth.
enum class DatasetKind {
  kCatalogue,  // a catalogue and queries.csv
  kOxford,     // gt/NAME_query.txt with _good, _ok and _junk beside it
  kUkbench,    // ukbenchNNNNN.jpg, where four pictures in a row show the same object
};

struct Dataset {
  std::string name;  // of its folder
  DatasetKind kind = DatasetKind::kCatalogue;
  Catalogue catalogue;  // in a gallery, ids have the dataset's name in front ("smvs-dvd/001")
  std::vector<BenchPhoto> photos;
};

}  // namespace inlier
