#include "cli/command.h"

namespace inlier::cli {

const std::vector<Command>& Commands() {
  static const std::vector<Command> commands = {
      IndexCommand(),      AddCommand(),     RemoveCommand(), ListCommand(),    ShowCommand(),
      UrlsCommand(),       TwinsCommand(),   LearnCommand(),  QueryCommand(),   MatchCommand(),
      ServeCommand(),      RestoreCommand(), StatsCommand(),  CheckCommand(),   RebuildCommand(),
      VocabularyCommand(), PlanCommand(),    BenchCommand(),  CompareCommand(), HelpCommand(),
      VersionCommand()};
  return commands;
}

const Command* FindCommand(std::string_view name) {
  for (const Command& command : Commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

}  // namespace inlier::cli
