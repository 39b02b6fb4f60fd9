#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "inlier/catalogue.h"

namespace inlier::cli {

/// The options that the flags of WithTableFlags stand for. Errors: kInvalidArgument (a value is
/// wrong).
Result<CatalogueOptions> CatalogueOptionsFrom(const Arguments& arguments);

/// Reads a catalogue and complains about each row that cannot be used or should be looked at. Empty
/// when the catalogue as a whole cannot be read, which is then complained about too. That counts as
/// bad input (exit 1) and never as wrong usage, whatever the error's code says.
std::optional<Catalogue> ReadCatalogueOrComplain(const std::filesystem::path& path,
                                                 const CatalogueOptions& options);

/// Complains about one item whose image cannot be used.
void ComplainAbout(const CatalogueEntry& entry, const Error& error);

/// Complains about an item that no photo can find. `item` names it.
void ComplainThatNoPhotoCanFind(const std::string& item);

}  // namespace inlier::cli
