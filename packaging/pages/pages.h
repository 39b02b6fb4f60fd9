#pragma once

#include <filesystem>
#include <string>

#include "cli/command.h"

namespace inlier::packaging {

// Each is made from the tables of commands and flags that parsing and help read as well, so a flag
// that is added there is in all of them.

/// inlier(1): the overview.
std::string OverviewManual();
/// inlier-query(1) and its like.
std::string CommandManual(const cli::Command& command);
/// inlier-options(7): what --set can set.
std::string OptionsManual();

std::string BashCompletion();
std::string ZshCompletion();
std::string FishCompletion();

/// A configuration file for 'inlier serve' in which each option stands with its default, commented
/// out, and the database is in `database`.
std::string ServerConfiguration(const std::filesystem::path& database);

}  // namespace inlier::packaging
