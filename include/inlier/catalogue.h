#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/item.h"

namespace inlier {

/// One item of a catalogue.
struct CatalogueEntry {
  std::string id;
  std::vector<std::filesystem::path> images;  // absolute, at least one
  Metadata metadata;
};

/// Files of a catalogue's folder that are no pictures, all of one kind.
struct LeftOut {
  static constexpr const char* kWithoutEnding = "without an ending";
  static constexpr const char* kHidden = "hidden";  // the name begins with a dot

  std::string kind;                // an ending in lower case (".txt"), or one of the above
  std::vector<std::string> files;  // their paths from the folder
};

/// The rows of a catalogue, and the rows that could not be used.
struct Catalogue {
  std::vector<CatalogueEntry> entries;  // unique ids, in the order of the table
  struct Rejected {
    std::string where;  // "catalogue.csv, line 7"
    std::string reason;
  };
  std::vector<Rejected> rejected;  // missing id or image, duplicate id, unreadable row
  std::vector<LeftOut> left_out;  // most files first; a table has none, since it names its pictures
};

/// Reads a catalogue: a folder of images, each of which is an item whose id is its path without the
/// ending; or a table with the columns `id`, `image` and any metadata. A `catalogue.csv` or
/// `catalogue.jsonl` in the folder takes precedence. Image paths are relative to the table.
///
/// In a folder, files with the ending of a format that is read are entries, and of the others those
/// whose first bytes fit such a format, whatever they are called. Hidden folders are not looked
/// into. Of two files with the same id the second is rejected. Errors: kNotFound, kIo,
/// kInvalidArgument (the columns are not there, or no picture is in it).
INLIER_EXPORT Result<Catalogue> ReadCatalogue(const std::filesystem::path& path);

}  // namespace inlier
