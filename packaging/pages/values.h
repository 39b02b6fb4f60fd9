#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace inlier::packaging {

/// What a shell can offer behind a flag.
enum class ValueKind {
  kNone,  // the flag is a switch
  kFile,
  kFolder,
  kChoice,   // one of a few words
  kSetting,  // STAGE.FIELD=VALUE: begins with one of Settings()
  kOther,    // a number or a text, of which a shell knows nothing
};

struct FlagValue {
  ValueKind kind = ValueKind::kNone;
  std::vector<std::string> words;
};

/// Told from how help names the value: DIR, FILE, OUT.html, text|jsonl.
FlagValue ValueOf(const cli::Flag& flag);

/// What --set can set, each with the '=' that follows.
std::vector<std::string> Settings();

/// Where a command's operands are words and no files: what 'inlier help' can explain.
std::vector<std::string> OperandWords(const cli::Command& command);

/// The first sentence of a flag's help without its full stop, which is what fits beside a word.
std::string Brief(const cli::Flag& flag);

}  // namespace inlier::packaging
