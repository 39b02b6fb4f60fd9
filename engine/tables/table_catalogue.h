#pragma once

#include <filesystem>

#include "inlier/catalogue.h"

namespace inlier {

/// A table as a catalogue. Errors: as RowItems::Visit; kInvalidArgument (no row in it).
Result<Catalogue> ReadTableCatalogue(const std::filesystem::path& path,
                                     const CatalogueOptions& options);

/// The URLs among the pictures of a table, each once.
Result<std::vector<std::string>> ListTableUrls(const std::filesystem::path& path,
                                               const CatalogueOptions& options);

}  // namespace inlier
