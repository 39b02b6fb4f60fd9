#pragma once

#include <filesystem>
#include <span>

#include "inlier/error.h"
#include "inlier/twins.h"

namespace inlier {

/// Writes one HTML file that shows each item beside the first of its group. The page needs no other
/// file. Pictures are read from the items' files; the page has an empty frame in the place of
/// one that is gone. Errors: kIo.
Status WriteTwinsPage(const std::filesystem::path& path, std::span<const TwinGroup> groups);

}  // namespace inlier
