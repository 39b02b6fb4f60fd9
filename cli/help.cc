#include "cli/help.h"

#include <cctype>
#include <vector>

#include <fmt/core.h>

#include "cli/console.h"
#include "cli/help_parts.h"
#include "cli/text.h"
#include "core/suggest.h"
#include "inlier/options.h"

namespace inlier::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kOptionsWidth = 95;  // of what comes before the table of options
constexpr std::size_t kIndent = 4;

constexpr std::string_view kDescription = R"(
Without an operand, lists the commands. 'inlier help options' lists the options of the engine, which
many commands can set with --set.
)";

constexpr std::string_view kExamples = R"(
inlier help query
inlier help options
)";

// Text broken into lines and indented.
std::string Paragraphs(std::string_view text) {
  std::string page;
  for (const std::string& paragraph : ParagraphsOf(text)) {
    if (!page.empty()) page += "\n";
    page += std::string(kIndent, ' ') + Wrap(paragraph, kWidth, kIndent) + "\n";
  }
  return page;
}

// The lines as they are, indented.
std::string Indented(std::string_view text) {
  std::string page;
  for (const std::string_view line : LinesOf(text))
    page += fmt::format("{:{}}{}\n", "", kIndent, line);
  return page;
}

std::string FlagLines(const Flag& flag) {
  constexpr std::size_t kHelpColumn = 8;
  return fmt::format("{:{}}--{}{}{}\n{:{}}{}\n", "", kIndent, flag.name,
                     flag.value.empty() ? "" : " ", flag.value, "", kHelpColumn,
                     Wrap(flag.help, kWidth, kHelpColumn));
}

std::string FlagSections(const std::vector<Flag>& flags) {
  std::string text;
  for (const auto& [heading, group] : GroupsOf(flags)) {
    text += fmt::format("{}\n", heading);
    for (const Flag* flag : group) text += FlagLines(*flag);
    text += "\n";
  }
  return text;
}

std::string ExitStatus() {
  constexpr std::size_t kMeaningColumn = 9;
  std::string text = "EXIT STATUS\n";
  for (const auto& [code, meaning] : ExitMeanings()) {
    text += fmt::format("{:{}}{:<{}}{}\n", "", kIndent, code, kMeaningColumn - kIndent,
                        Wrap(meaning, kWidth, kMeaningColumn));
  }
  return text;
}

Result<ExitCode> Run(const Arguments& arguments) {
  if (arguments.operands().empty()) {
    Print(Overview());
    return ExitCode::kDone;
  }
  const std::string& topic = arguments.operands().front();
  if (topic == "options") {
    Print(Wrap(kEngineOptions, kOptionsWidth, 0) + "\n\n" + DescribeOptions());
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
      fmt::format("inlier - {}\n\nSYNOPSIS\n    inlier COMMAND [OPERAND]… [OPTION]…\n\n", kTagline);
  text += "QUICK START\n" + Paragraphs(kQuickStart) + "\n" + Indented(kQuickStartExamples) + "\n";
  std::string_view group;
  for (const Command& command : Commands()) {
    if (command.group != group) {
      group = command.group;
      std::string heading(group);
      for (char& c : heading) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      text += (text.ends_with("\n\n") ? "" : "\n") + heading + "\n";
    }
    text += fmt::format("    {:<12}{}\n", command.name, command.summary);
  }
  text +=
      "\n'inlier COMMAND --help' explains a command. 'inlier help options' lists the\n"
      "options of the engine, which many commands can set with --set.\n\n";
  return text + ExitStatus() + fmt::format("\n{}\n", kOutputs);
}

std::string HelpPage(const Command& command) {
  return fmt::format("inlier {} - {}\n\nSYNOPSIS\n{}\nDESCRIPTION\n{}\n{}EXAMPLES\n{}\n",
                     command.name, command.summary, Indented(Synopsis(command)),
                     Paragraphs(command.description), FlagSections(command.flags),
                     Indented(command.examples)) +
         "'inlier --help' lists the exit status and the other commands.\n";
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
          .operands = {"[COMMAND|options]", 0, 1},
          .description = kDescription,
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
