#include <string>
#include <string_view>

#include <fmt/format.h>

#include "packaging/pages/pages.h"
#include "packaging/pages/values.h"

namespace inlier::packaging {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string Value(const FlagValue& value) {
  switch (value.kind) {
    case ValueKind::kNone:
      return {};
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::kSetting:
      return " -x -a '(__inlier_settings)'";
    case ValueKind::kChoice:
      return fmt::format(" -x -a {}", Quoted(fmt::format("{}", fmt::join(value.words, " "))));
    case ValueKind::kOther:
      break;
  }
  return " -x";
}

}  // namespace

std::string FishCompletion() {
  std::string text = fmt::format(
      "# Completion of inlier for fish.\nfunction __inlier_settings\n  string split ' ' "
      "'{}'\nend\n",
      fmt::join(Settings(), " "));
  text +=
      "complete -c inlier -f\n"
      "complete -c inlier -n __fish_use_subcommand -l help -d 'List the commands'\n"
      "complete -c inlier -n __fish_use_subcommand -l version -d 'Print the version'\n";
  for (const cli::Command& command : cli::Commands()) {
    text += fmt::format("\ncomplete -c inlier -n __fish_use_subcommand -a {} -d {}\n", command.name,
                        Quoted(command.summary));
    const std::string begin =
        fmt::format("complete -c inlier -n '__fish_seen_subcommand_from {}'", command.name);
    if (const auto words = OperandWords(command); !words.empty()) {
      text += fmt::format("{} -a '{}'\n", begin, fmt::join(words, " "));
    } else if (command.operands.most > 0) {
      text += fmt::format("{} -F\n", begin);
    }
    for (const cli::Flag& flag : command.flags) {
      text += fmt::format("{} -l {}{} -d {}\n", begin, flag.name, Value(ValueOf(flag)),
                          Quoted(Brief(flag)));
    }
    text += fmt::format("{} -l help -d 'Explain the command'\n", begin);
  }
  return text;
}

}  // namespace inlier::packaging
