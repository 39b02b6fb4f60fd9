#include "cli/help.h"

#include <fmt/format.h>

#include "cli/console.h"
#include "cli/suggest.h"
#include "cli/text.h"
#include "inlier/options.h"

namespace inlier::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kIndent = 4;

constexpr std::string_view kQuickStart =
    R"(QUICK START
    A folder of images goes in, the items that a photo shows come out, and a
    page shows why:

    inlier index products/ --db shop.db
    inlier query photo.jpg --db shop.db
    inlier query photo.jpg --db shop.db --report answer.html

)";

constexpr std::string_view kExitStatus =
    R"(EXIT STATUS
    0    done
    1    some input failed, or a file or the database could not be reached
    2    usage: a command, flag or value is wrong
    3    the database is damaged, or was made with other features or by a newer
         version
    130  interrupted

Results go to stdout, progress and errors to stderr.
)";

std::string Indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string pad(kIndent, ' ');
    text += pad + Wrap(lines.substr(0, end), kWidth, kIndent) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

std::string FlagLines(const std::vector<Flag>& flags, bool required) {
  constexpr std::size_t kHelpColumn = 8;
  std::string text;
  for (const Flag& flag : flags) {
    if (flag.required != required) continue;
    text += fmt::format("    --{}{}{}\n", flag.name, flag.value.empty() ? "" : " ", flag.value);
    text += std::string(kHelpColumn, ' ') + Wrap(flag.help, kWidth, kHelpColumn) + "\n";
  }
  return text;
}

std::string Synopsis(const Command& command) {
  std::string text = fmt::format("inlier {}", command.name);
  if (!command.operands.empty()) text += fmt::format(" {}", command.operands);
  bool optional = false;
  for (const Flag& flag : command.flags) {
    if (flag.required) text += fmt::format(" --{} {}", flag.name, flag.value);
    optional = optional || !flag.required;
  }
  return text + (optional ? " [OPTION]…" : "");
}

Result<ExitCode> Run(const Arguments& arguments) {
  if (arguments.operands().empty()) {
    Print(Overview());
    return ExitCode::kDone;
  }
  const std::string& topic = arguments.operands().front();
  if (topic == "options") {
    Print(
        "Options for --set STAGE.FIELD=VALUE. A database keeps the extract options it was made "
        "with.\n\n" +
        DescribeOptions());
    return ExitCode::kDone;
  }
  const Command* command = FindCommand(topic);
  if (command == nullptr) return Fail(ErrorCode::kInvalidArgument, UnknownCommand(topic));
  Print(HelpPage(*command));
  return ExitCode::kDone;
}

}  // namespace

std::string Overview() {
  std::string text =
      "inlier - finds the items of a catalogue that a photo shows\n\n"
      "SYNOPSIS\n    inlier COMMAND [OPERAND]… [OPTION]…\n\n";
  text += kQuickStart;
  std::string_view group;
  for (const Command& command : Commands()) {
    if (command.group != group) {
      group = command.group;
      std::string heading(group);
      for (char& c : heading) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      text += (text.ends_with("\n\n") ? "" : "\n") + heading + "\n";
    }
    text += fmt::format("    {:<9}{}\n", command.name, command.summary);
  }
  text +=
      "\n'inlier COMMAND --help' explains a command, 'inlier help options' lists what\n"
      "--set can set.\n\n";
  text += kExitStatus;
  return text;
}

std::string HelpPage(const Command& command) {
  std::string text = fmt::format("inlier {} - {}\n\n", command.name, command.summary);
  text += "SYNOPSIS\n" + Indented(Synopsis(command)) + "\n";
  text += "DESCRIPTION\n" + Indented(command.description) + "\n";
  const std::string required = FlagLines(command.flags, true);
  const std::string optional = FlagLines(command.flags, false);
  if (!required.empty()) text += "REQUIRED\n" + required + "\n";
  if (!optional.empty()) text += "OPTIONS\n" + optional + "\n";
  text += "EXAMPLES\n";
  for (std::string_view lines = command.examples; !lines.empty();) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    text += fmt::format("    {}\n", lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  text += "\nExit status and other commands: 'inlier --help'.\n";
  return text;
}

std::string UnknownCommand(std::string_view typed) {
  std::vector<std::string_view> names;
  for (const Command& command : Commands()) names.push_back(command.name);
  const std::string_view nearest = Nearest(typed, names);
  return fmt::format("there is no command '{}'{}", typed,
                     nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
}

Command HelpCommand() {
  return {.name = "help",
          .group = "Help",
          .summary = "Explain a command, or list the engine's options",
          .operands = "[COMMAND|options]",
          .description = "Without an operand, lists the commands.",
          .examples = "inlier help query\ninlier help options",
          .max_operands = 1,
          .run = Run};
}

}  // namespace inlier::cli
