#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace inlier::cli {

/// All commands by group, the first three steps, and the exit codes.
std::string Overview();
/// The page of one command.
std::string HelpPage(const Command& command);
/// "there is no command 'qurey'; did you mean query?"
std::string UnknownCommand(std::string_view typed);

}  // namespace inlier::cli
