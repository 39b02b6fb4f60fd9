#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace inlier {

/// The ending in lower case, with its dot.
std::string EndingOf(const std::filesystem::path& path);

/// Of several files that have the same id, the one with the lowest rank is the item.
std::size_t RankOfEnding(const std::filesystem::path& path);

bool HasPictureEnding(const std::filesystem::path& path);

}  // namespace inlier
