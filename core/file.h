#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "core/result.h"

namespace inlier {

/// Replaces `path` by `bytes` so that a reader, and a machine that dies, sees the old or the new
/// content and never a mixture: temporary file, fsync, rename, fsync of the folder.
/// Errors: kIo. `step` is called by name before each step; tests die there.
Status PublishFile(const std::filesystem::path& path, std::string_view bytes,
                   const std::function<void(std::string_view)>& step = {});

}  // namespace inlier
