#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "core/result.h"

namespace inlier::cli {

/// One subcommand: its help page, its flags and what it does.
struct Command {
  std::string_view name;
  std::string_view group;     // heading in the overview
  std::string_view summary;   // one line, without a full stop
  std::string_view operands;  // "PHOTO…", as the synopsis shows them
  std::string_view description;
  std::vector<Flag> flags;
  std::string_view examples;
  std::size_t min_operands = 0;
  std::size_t max_operands = 0;
  Result<ExitCode> (*run)(const Arguments&) = nullptr;
};

/// All commands, in the order of the overview.
const std::vector<Command>& Commands();
/// Null when there is none of that name.
const Command* FindCommand(std::string_view name);

// One file each.
Command IndexCommand();
Command AddCommand();
Command RemoveCommand();
Command QueryCommand();
Command MatchCommand();
Command ListCommand();
Command ShowCommand();
Command LearnCommand();
Command StatsCommand();
Command PlanCommand();
Command CheckCommand();
Command RebuildCommand();
Command BenchCommand();
Command CompareCommand();
Command HelpCommand();
Command VersionCommand();

}  // namespace inlier::cli
