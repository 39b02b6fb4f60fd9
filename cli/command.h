#pragma once

#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "core/result.h"

namespace inlier::cli {

/// One command: its help page, its flags and what it does.
struct Command {
  std::string_view name;
  std::string_view group;    // its heading in the overview
  std::string_view summary;  // one line, without a full stop
  Operands operands;
  std::string_view description;  // paragraphs, separated by empty lines
  std::vector<Flag> flags;
  std::string_view examples;  // one on each line
  Result<ExitCode> (*run)(const Arguments&) = nullptr;
};

/// All commands, in the order of the overview.
const std::vector<Command>& Commands();
/// Null when there is no command of that name.
const Command* FindCommand(std::string_view name);

// Each in a file of its own.
Command IndexCommand();
Command AddCommand();
Command RemoveCommand();
Command QueryCommand();
Command MatchCommand();
Command ListCommand();
Command ShowCommand();
Command UrlsCommand();
Command TwinsCommand();
Command LearnCommand();
Command StatsCommand();
Command PlanCommand();
Command ServeCommand();
Command RestoreCommand();
Command CheckCommand();
Command RebuildCommand();
Command VocabularyCommand();
Command BenchCommand();
Command CompareCommand();
Command HelpCommand();
Command VersionCommand();

}  // namespace inlier::cli
