#pragma once

#include <filesystem>

#include "inlier/error.h"

namespace inlier::server {

/// Unpacks a snapshot that was downloaded from a server into a new database, and opens it to see
/// that it is whole. Nothing is at `database` before that. Errors: kAlreadyExists, kNotFound (the
/// snapshot), kInvalidArgument (it is not a snapshot), kCorrupt, kIo, kDiskFull.
Status Restore(const std::filesystem::path& snapshot, const std::filesystem::path& database);

}  // namespace inlier::server
