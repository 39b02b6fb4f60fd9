#include <exception>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/help.h"
#include "cli/process_limits.h"
#include "engine/threads.h"

namespace inlier::cli {
namespace {

ExitCode Report(const Command& command, const Error& error) {
  const ExitCode exit = ExitCodeFor(error.code);
  Complain(exit == ExitCode::kUsage ? fmt::format("{}: {} (see 'inlier {} --help')", command.name,
                                                  error.message, command.name)
                                    : error.message);
  return exit;
}

ExitCode RunCommand(const Command& command, const std::vector<std::string>& words) {
  const auto arguments = Arguments::Parse(command.operands, command.flags, words);
  if (!arguments) return Report(command, arguments.error());
  if (arguments->Has("help")) {
    Print(HelpPage(command));
    return ExitCode::kDone;
  }
  const auto exit = command.run(*arguments);
  return exit ? *exit : Report(command, exit.error());
}

ExitCode Main(std::vector<std::string> words) {
  if (words.empty()) {
    Complain("no command is given (see 'inlier --help')");
    return ExitCode::kUsage;
  }
  std::string name = words.front();
  words.erase(words.begin());
  if (name == "--help" || name == "-h") name = "help";
  if (name == "--version") name = "version";
  const Command* command = FindCommand(name);
  if (command == nullptr) {
    Complain(UnknownCommand(name) + " (see 'inlier --help')");
    return ExitCode::kUsage;
  }
  return RunCommand(*command, words);
}

}  // namespace
}  // namespace inlier::cli

int main(int argc, char** argv) {
  using inlier::cli::ExitCode;
  inlier::cli::PrepareForLimits(argv);
  inlier::KeepFreedMemory();
  ExitCode exit = ExitCode::kSomeFailed;
  try {
    exit = inlier::cli::Main({argv + 1, argv + argc});
  } catch (const std::exception& e) {  // for example out of memory
    inlier::cli::Complain(inlier::cli::CauseOf(e));
  }
  if (!inlier::cli::FlushOutput() && exit == ExitCode::kDone) exit = ExitCode::kSomeFailed;
  return static_cast<int>(exit);
}
