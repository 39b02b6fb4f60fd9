#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
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
    std::string where;  // "catalogue.csv, line 7", or "catalogue.csv" for many rows
    std::string reason;
  };
  std::vector<Rejected> rejected;  // no id or picture, a URL without its file, an unreadable row
  std::vector<Rejected> warnings;  // what was read, but should be looked at by somebody
  std::vector<LeftOut> left_out;  // most files first; a table has none, since it names its pictures
};

/// How a table is read. Whatever is not given is detected.
struct CatalogueOptions {
  /// Our name → the table's column, whose case and outer spaces do not count. `id` and `image` are
  /// roles, and `image` may be there several times; any other name is what that column's metadata
  /// is called.
  std::vector<std::pair<std::string, std::string>> columns;
  std::optional<char> delimiter;  // of a delimited table
  std::filesystem::path images;   // the folder that has the pictures of URLs; empty: none
  std::string picture_separator;  // between the pictures of one cell; empty: detected
};

/// Reads a catalogue: a folder of images, each of which is an item whose id is its path without the
/// ending; or a table with the columns `id`, `image` and any metadata. A `catalogue.csv` or
/// `catalogue.jsonl` in the folder takes precedence. Image paths are relative to the table.
///
/// In a folder, files with the ending of a format that is read are entries, and of the others those
/// whose first bytes fit such a format, whatever they are called. Hidden folders are not looked
/// into. Of two files with the same id the second is rejected. The id of a file whose name is not
/// UTF-8 has `\xHH` for each byte that does not fit.
///
/// A table ends in .csv, .tsv, .txt, .jsonl, .json or .xml. An item may have several pictures: in
/// several rows of its id, in columns `image`, `image_2` and so on, or in one cell. Its metadata
/// need be in one row only; where rows differ, the first one counts and a warning says so. Exports
/// of Shopify, WooCommerce and Magento and feeds for Google Merchant are known by their columns;
/// engine/tables/exports.cc says what an item is in each. docs/FORMAT.md has the rest.
///
/// Errors: kNotFound, kIo, kInvalidArgument (a column is not there, text in no known encoding, or
/// no picture is in it).
INLIER_EXPORT Result<Catalogue> ReadCatalogue(const std::filesystem::path& path,
                                              const CatalogueOptions& options = {});

/// The pictures of a table that are URLs, each once, in the order of the table; for a program that
/// downloads them. Errors: as ReadCatalogue.
INLIER_EXPORT Result<std::vector<std::string>> ListUrls(const std::filesystem::path& path,
                                                        const CatalogueOptions& options = {});

}  // namespace inlier
