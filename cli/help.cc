#include "cli/help.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include <fmt/core.h>

#include "cli/console.h"
#include "cli/text.h"
#include "core/suggest.h"
#include "inlier/options.h"

namespace inlier::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kIndent = 4;

constexpr std::string_view kDescription = R"(
Without an operand, lists the commands. 'inlier help options' lists the options of the engine, which
many commands can set with --set.
)";

constexpr std::string_view kExamples = R"(
inlier help query
inlier help options
)";

constexpr std::string_view kQuickStart =
    R"(QUICK START
    Index a folder of images, ask which of them a photo shows, and write a page
    that shows why:

    inlier index products/ --db shop.db
    inlier query photo.jpg --db shop.db
    inlier query photo.jpg --db shop.db --report answer.html

)";

constexpr std::string_view kExitStatus =
    R"(EXIT STATUS
    0    success
    1    some input failed, or a file or the database could not be reached
    2    wrong usage: a command, a flag or a value is wrong
    3    the database is damaged, or was made with other features or by a newer
         version
    130  interrupted

Results go to stdout. Progress and errors go to stderr.
)";

constexpr std::string_view kOptions =
    "The options that --set STAGE.FIELD=VALUE can set. The options of the stage 'extract' are "
    "fixed\n"
    "when a database is made; the others can differ from query to query.\n\n";

// Takes the first line off `text`.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Text broken into lines and indented. Paragraphs are separated by empty lines; within one, a line
// break of the source counts as a space.
std::string Paragraphs(std::string_view text) {
  std::string page, paragraph;
  const auto end_paragraph = [&] {
    if (paragraph.empty()) return;
    if (!page.empty()) page += "\n";
    page += std::string(kIndent, ' ') + Wrap(paragraph, kWidth, kIndent) + "\n";
    paragraph.clear();
  };
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) {
      end_paragraph();
    } else {
      if (!paragraph.empty()) paragraph += ' ';
      paragraph += line;
    }
  }
  end_paragraph();
  return page;
}

// The lines as they are, indented.
std::string Indented(std::string_view text) {
  std::string page;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (!line.empty()) page += fmt::format("{:{}}{}\n", "", kIndent, line);
  }
  return page;
}

std::string FlagLines(const Flag& flag) {
  constexpr std::size_t kHelpColumn = 8;
  return fmt::format("{:{}}--{}{}{}\n{:{}}{}\n", "", kIndent, flag.name,
                     flag.value.empty() ? "" : " ", flag.value, "", kHelpColumn,
                     Wrap(flag.help, kWidth, kHelpColumn));
}

// The required flags, then the others under their headings.
std::string FlagSections(const std::vector<Flag>& flags) {
  constexpr std::string_view kRequired = "REQUIRED";
  std::vector<std::string_view> headings{kRequired};
  const auto heading = [&](const Flag& flag) { return flag.required ? kRequired : flag.heading; };
  for (const Flag& flag : flags) {
    if (std::find(headings.begin(), headings.end(), heading(flag)) == headings.end())
      headings.push_back(heading(flag));
  }
  std::string text;
  for (const std::string_view section : headings) {
    std::string lines;
    for (const Flag& flag : flags) {
      if (heading(flag) == section) lines += FlagLines(flag);
    }
    if (!lines.empty()) text += fmt::format("{}\n{}\n", section, lines);
  }
  return text;
}

std::string Synopsis(const Command& command) {
  std::string text = fmt::format("inlier {}", command.name);
  if (!command.operands.names.empty()) text += fmt::format(" {}", command.operands.names);
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
    Print(std::string(kOptions) + DescribeOptions());
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
      "\n'inlier COMMAND --help' explains a command. 'inlier help options' lists the\n"
      "options of the engine, which many commands can set with --set.\n\n";
  text += kExitStatus;
  return text;
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
