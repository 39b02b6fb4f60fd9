#pragma once

#include <filesystem>

#include "core/result.h"
#include "index/generation_files.h"
#include "index/store.h"

namespace inlier {

/// Makes a copy of a database at `destination` while it is read and written. The copy is the state
/// of one moment, with the index that its manifest names. It is built in a temporary folder beside
/// the destination, synced to disk, and only then renamed, so a destination that exists is whole.
/// Errors: kAlreadyExists (something is at the destination), kNotFound (the folder above it is not
/// there), kIo.
Status CopyDatabase(const Store& store, GenerationFiles& files,
                    const std::filesystem::path& destination);

}  // namespace inlier
