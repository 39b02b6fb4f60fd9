#include "packaging/pages/values.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/all_methods.h"
#include "extractor/methods.h"
#include "inlier/options.h"

namespace inlier::packaging {
namespace {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string> Methods() {
  AddAllMethods();
  return MethodNames();
}

}  // namespace

FlagValue ValueOf(const cli::Flag& flag) {
  const std::string_view value = flag.value;
  if (value.empty()) return {};
  if (value == "DIR") return {.kind = ValueKind::kFolder};
  if (value == "FILE" || value == "CONFIG" || value.starts_with("OUT."))
    return {.kind = ValueKind::kFile};
  if (value == "METHOD") return {.kind = ValueKind::kChoice, .words = Methods()};
  if (value == "STAGE.FIELD=VALUE") return {.kind = ValueKind::kSetting};
  if (value.find('|') != std::string_view::npos)
    return {.kind = ValueKind::kChoice, .words = Split(value, '|')};
  return {.kind = ValueKind::kOther};
}

std::vector<std::string> Settings() {
  std::vector<std::string> names;
  const EngineOptions defaults;
  EngineOptions::Visit(defaults, [&](std::string_view stage, const Field& field, const auto&) {
    names.push_back(fmt::format("{}.{}=", stage, field.name));
  });
  return names;
}

std::vector<std::string> OperandWords(const cli::Command& command) {
  if (command.name != "help") return {};
  std::vector<std::string> words{"options"};
  for (const cli::Command& one : cli::Commands()) words.emplace_back(one.name);
  return words;
}

std::string Brief(const cli::Flag& flag) {
  const std::string_view help = flag.help;
  std::size_t end = help.find(". ");
  if (end == std::string_view::npos) end = help.size() - (help.ends_with('.') ? 1 : 0);
  return std::string(help.substr(0, end));
}

}  // namespace inlier::packaging
