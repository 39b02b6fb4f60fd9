#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "inlier/error.h"

namespace inlier::server {

/// Called again and again while files are unpacked, with the bytes that were unpacked since the
/// last call. An error ends the work.
using GoOn = std::function<Status(std::uint64_t bytes)>;

/// Packs the files of a folder, which has no folders in it, into a new tar file (POSIX ustar or pax
/// where it has to be). Errors: kIo, kDiskFull.
Status PackFolder(const std::filesystem::path& folder, const std::filesystem::path& tar);

/// Unpacks the files of an archive (tar, also compressed by gzip, zstd or xz) into a folder that
/// exists. Only ordinary files come out, and none outside the folder: an entry whose path is
/// absolute or has a ".." is an error, and links are passed over. Errors: kInvalidArgument (not an
/// archive, damaged, a million entries, or more than `most_bytes` unpacked, where each entry counts
/// as its header besides its bytes), kIo, kDiskFull, and those of `go_on`, which is called at each
/// entry and block.
Status UnpackArchive(const std::filesystem::path& archive, const std::filesystem::path& folder,
                     std::uint64_t most_bytes, const GoOn& go_on);

}  // namespace inlier::server
