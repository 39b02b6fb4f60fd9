#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/item.h"

namespace inlier {

/// One row of a catalogue.
struct CatalogueEntry {
  std::string id;
  std::filesystem::path image;  // absolute
  Metadata metadata;
};

/// The rows of a catalogue, and the rows that could not be used.
struct Catalogue {
  std::vector<CatalogueEntry> entries;  // unique ids, in the order of the table
  struct Rejected {
    std::string where;  // "catalogue.csv, line 7"
    std::string reason;
  };
  std::vector<Rejected> rejected;  // missing id or image, duplicate id, unreadable row
};

/// Reads a catalogue: a folder of images, each of which is an item whose id is its path without the
/// ending; or a table with the columns `id`, `image` and any metadata. A `catalogue.csv` or
/// `catalogue.jsonl` in the folder takes precedence. Image paths are relative to the table. Errors:
/// kNotFound, kIo, kInvalidArgument (the columns are not there, or nothing is in it).
INLIER_EXPORT Result<Catalogue> ReadCatalogue(const std::filesystem::path& path);

}  // namespace inlier
