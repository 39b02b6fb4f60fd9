#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace inlier {

/// Finds a file of this name where models are: in $INLIER_MODELS, in the installed share folder, or
/// in the build folder, where scripts/setup-deep leaves them.
std::optional<std::filesystem::path> FindModelFile(const std::string& file);

}  // namespace inlier
