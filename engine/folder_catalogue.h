#pragma once

#include <filesystem>

#include "inlier/catalogue.h"

namespace inlier {

/// The pictures under a folder as a catalogue, and the files that are none. Errors: kIo,
/// kInvalidArgument (no picture in it).
Result<Catalogue> ReadFolderCatalogue(const std::filesystem::path& folder);

}  // namespace inlier
