#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace inlier::cli {

/// The first three steps, all commands by group, and the exit codes.
std::string Overview();
/// The help page of one command.
std::string HelpPage(const Command& command);
/// "there is no command 'qurey'; did you mean query?"
std::string UnknownCommand(std::string_view typed);

}  // namespace inlier::cli
