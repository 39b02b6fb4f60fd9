#include <string>
#include <string_view>

#include <fmt/format.h>

#include "packaging/pages/pages.h"
#include "packaging/pages/values.h"

namespace inlier::packaging {
namespace {

// Text within single quotes, in which the characters of `special` mean something to _arguments.
std::string Escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      if (c == '\\' || special.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string Action(const FlagValue& value) {
  switch (value.kind) {
    case ValueKind::kFile:
      return "_files";
    case ValueKind::kFolder:
      return "_files -/";
    case ValueKind::kChoice:
      return fmt::format("({})", fmt::join(value.words, " "));
    case ValueKind::kSetting:
      return "compadd -S \"\" -- $settings";
    default:
      return " ";  // a space is asked for, and nothing offered
  }
}

std::string Spec(const cli::Flag& flag) {
  const FlagValue value = ValueOf(flag);
  const std::string brief = Escaped(Brief(flag), "[]:");
  const std::string_view repeats = flag.repeats ? "*" : "";
  if (value.kind == ValueKind::kNone) return fmt::format("'{}--{}[{}]'", repeats, flag.name, brief);
  return fmt::format("'{}--{}=[{}]:{}:{}'", repeats, flag.name, brief, Escaped(flag.value, ":"),
                     Action(value));
}

std::string Case(const cli::Command& command) {
  std::string text = fmt::format("        {})\n          _arguments -s \\\n", command.name);
  for (const cli::Flag& flag : command.flags)
    text += fmt::format("            {} \\\n", Spec(flag));
  text += "            '--help[Explain the command]'";
  if (const auto words = OperandWords(command); !words.empty()) {
    text += fmt::format(" \\\n            '1:what to explain:({})'", fmt::join(words, " "));
  } else if (command.operands.most > 0) {
    text += fmt::format(" \\\n            '*:{}:_files'", Escaped(command.operands.names, ":"));
  }
  return text + "\n          ;;\n";
}

}  // namespace

std::string ZshCompletion() {
  std::string text =
      "#compdef inlier\n# Completion of inlier for zsh.\n_inlier() {\n"
      "  local context state state_descr line\n  typeset -A opt_args\n"
      "  local -a commands=(\n";
  for (const cli::Command& command : cli::Commands())
    text += fmt::format("    '{}:{}'\n", command.name, Escaped(command.summary, ":"));
  text += fmt::format("  )\n  local -a settings=({})\n", fmt::join(Settings(), " "));
  text +=
      "  _arguments -C '--help[List the commands]' '--version[Print the version]' \\\n"
      "    '1:command:->command' '*::argument:->argument'\n"
      "  case $state in\n"
      "    command) _describe command commands ;;\n"
      "    argument)\n      case $words[1] in\n";
  for (const cli::Command& command : cli::Commands()) text += Case(command);
  return text + "      esac\n      ;;\n  esac\n}\n_inlier \"$@\"\n";
}

}  // namespace inlier::packaging
