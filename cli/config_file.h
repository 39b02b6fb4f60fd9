#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace inlier::cli {

/// The lines `name = value` of a configuration file, in their order. What follows a # is a comment,
/// and names within a `[section]` become `section.name`. Errors: kNotFound; kInvalidArgument (a
/// line of another form).
Result<std::vector<std::pair<std::string, std::string>>> ReadConfigFile(const std::string& path);

}  // namespace inlier::cli
