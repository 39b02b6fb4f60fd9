#include "cli/help_parts.h"

#include <algorithm>

#include <fmt/format.h>

namespace inlier::cli {
namespace {

// Takes the first line off `text`.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

const std::vector<ExitMeaning>& ExitMeanings() {
  static const std::vector<ExitMeaning> meanings = {
      {"0", "success"},
      {"1", "some input failed, or a file or the database could not be reached"},
      {"2", "wrong usage: a command, a flag or a value is wrong"},
      {"3", "the database is damaged, or was made with other features or by a newer version"},
      {"130", "interrupted"}};
  return meanings;
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

std::vector<std::string> ParagraphsOf(std::string_view text) {
  std::vector<std::string> paragraphs;
  bool begun = false;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (!begun && !line.empty()) paragraphs.emplace_back();
    if (begun && !line.empty()) paragraphs.back() += ' ';
    if (!line.empty()) paragraphs.back() += line;
    begun = !line.empty();
  }
  return paragraphs;
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::vector<FlagGroup> GroupsOf(const std::vector<Flag>& flags) {
  constexpr std::string_view kRequired = "REQUIRED";
  std::vector<FlagGroup> groups{{kRequired, {}}};
  for (const Flag& flag : flags) {
    const std::string_view heading = flag.required ? kRequired : flag.heading;
    auto group = std::ranges::find(groups, heading, &FlagGroup::first);
    if (group == groups.end()) group = groups.insert(groups.end(), {heading, {}});
    group->second.push_back(&flag);
  }
  std::erase_if(groups, [](const FlagGroup& group) { return group.second.empty(); });
  return groups;
}

}  // namespace inlier::cli
