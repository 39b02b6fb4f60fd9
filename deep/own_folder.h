#pragma once

#include <filesystem>

namespace inlier {

/// The folder of the shared library that contains this code, or of the program if that is linked
/// with it statically. Empty when the system does not say.
std::filesystem::path OwnFolder();

}  // namespace inlier
