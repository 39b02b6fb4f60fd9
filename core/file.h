#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "core/result.h"

namespace inlier {

/// Takes the next bytes of a file.
using PutBytes = std::function<void(std::string_view)>;

/// Replaces `path` by `bytes` so that a reader, and a machine that dies, sees the old or the new
/// content and never a mixture: temporary file, fsync, rename, fsync of the folder.
/// Errors: kIo. `step` is called by name before each step; tests die there.
Status PublishFile(const std::filesystem::path& path, std::string_view bytes,
                   const std::function<void(std::string_view)>& step = {});

/// The same for a file that need not fit in memory: `write` puts its bytes from front to back. An
/// error of `write` is returned, and `path` stays as it was.
Status PublishFile(const std::filesystem::path& path,
                   const std::function<Status(const PutBytes&)>& write,
                   const std::function<void(std::string_view)>& step = {});

/// Makes a folder and those above it that are not there, so that their names survive a machine that
/// dies. One that is there is synced into the folder above it all the same: who made it may have
/// died before. Errors: kIo.
Status MakeFolder(const std::filesystem::path& path);

}  // namespace inlier
