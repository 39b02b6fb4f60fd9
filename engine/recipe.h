#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "inlier/options.h"

namespace inlier {

/// What decides whether two sets of features compare: a database keeps it and refuses another.
std::string Recipe(const ExtractorOptions& options);
/// Reads a recipe back. Errors: kIncompatible (of a newer version, or of a method that this build
/// lacks).
Result<ExtractorOptions> OptionsFromRecipe(std::string_view recipe);

}  // namespace inlier
