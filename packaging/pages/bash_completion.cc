#include <string>

#include <fmt/format.h>

#include "packaging/pages/pages.h"
#include "packaging/pages/values.h"

namespace inlier::packaging {
namespace {

// What completes the flag's value. Where nothing is offered, bash goes on with files (-o default).
std::string Reply(const FlagValue& value) {
  switch (value.kind) {
    case ValueKind::kFolder:
      return "compopt -o dirnames +o default";
    case ValueKind::kChoice:
      return fmt::format("_inlier_words '{}'", fmt::join(value.words, " "));
    case ValueKind::kSetting:
      return "compopt -o nospace; _inlier_words \"$settings\"";
    default:
      return {};
  }
}

std::string Case(const cli::Command& command) {
  std::string flags, valued, replies;
  for (const cli::Flag& flag : command.flags) {
    flags += fmt::format("--{} ", flag.name);
    const FlagValue value = ValueOf(flag);
    if (value.kind == ValueKind::kNone) continue;
    const std::string reply = Reply(value);
    if (reply.empty()) {
      valued += fmt::format("{}--{}", valued.empty() ? "" : "|", flag.name);
    } else {
      replies += fmt::format("        --{}) {}; return ;;\n", flag.name, reply);
    }
  }
  std::string text = fmt::format("    {})\n      case $previous in\n{}", command.name, replies);
  if (!valued.empty()) text += fmt::format("        {}) return ;;\n", valued);
  text += fmt::format("      esac\n      flags='{}--help'\n", flags);
  if (const auto words = OperandWords(command); !words.empty())
    text += fmt::format("      operands='{}'\n", fmt::join(words, " "));
  return text + "      ;;\n";
}

constexpr std::string_view kBegin = R"(# Completion of inlier for bash.
_inlier_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }

_inlier() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local flags='' operands=''
  COMPREPLY=()
  # Bash takes --format=text for three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' && COMP_CWORD -ge 2 ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
)";

constexpr std::string_view kEnd = R"(  esac
  if [[ $current == -* ]]; then
    _inlier_words "$flags"
  elif [[ -n $operands ]]; then
    compopt +o default
    _inlier_words "$operands"
  fi
}
complete -o default -F _inlier inlier
)";

}  // namespace

std::string BashCompletion() {
  std::string text(kBegin), names;
  for (const cli::Command& command : cli::Commands()) names += fmt::format("{} ", command.name);
  text += fmt::format("    _inlier_words '{}--help --version'\n    return\n  fi\n", names);
  text += fmt::format("  local settings='{}'\n", fmt::join(Settings(), " "));
  text += "  case ${COMP_WORDS[1]} in\n";
  for (const cli::Command& command : cli::Commands()) text += Case(command);
  return text.append(kEnd);
}

}  // namespace inlier::packaging
