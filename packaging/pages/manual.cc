// Man pages in the macros of man(7).
#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include "cli/help_parts.h"
#include "inlier/options.h"
#include "packaging/pages/pages.h"

namespace inlier::packaging {
namespace {

using cli::Command;

// Text as roff prints it unchanged. Hyphens are written as what one types, so that examples can be
// copied from the page.
std::string Escaped(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Prose: flags in it are bold.
std::string Prose(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t flag = text.find("--");
    out += Escaped(text.substr(0, flag));
    if (flag == std::string_view::npos) break;
    text.remove_prefix(flag);
    const std::size_t end =
        std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), text.size());
    out += fmt::format("\\fB{}\\fR", Escaped(text.substr(0, end)));
    text.remove_prefix(end);
  }
  return out;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

// "Find the items" as what a page is about: "find the items".
std::string Lower(std::string_view summary) {
  std::string lower(summary);
  lower[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(lower[0])));
  return lower;
}

std::string Title(std::string_view name, int section) {
  // Without a date: the version says how old the page is.
  return fmt::format(".TH {} {} \"\" \"Inlier {}\" \"{}\"\n", Escaped(Upper(name)), section,
                     INLIER_VERSION, section == 1 ? "User commands" : "Inlier manual");
}

std::string Section(std::string_view heading) { return fmt::format(".SH {}\n", Escaped(heading)); }

std::string Paragraphs(std::string_view text) {
  std::string out;
  for (const std::string& paragraph : cli::ParagraphsOf(text))
    out += ".PP\n" + Prose(paragraph) + "\n";
  return out;
}

std::string Lines(std::string_view text) {
  std::string out = ".PP\n.EX\n";
  for (const std::string_view line : cli::LinesOf(text)) out += Escaped(line) + "\n";
  return out + ".EE\n";
}

std::string Term(std::string_view bold, std::string_view italic, std::string_view meaning) {
  std::string term = fmt::format(".TP\n\\fB{}\\fR", Escaped(bold));
  if (!italic.empty()) term += fmt::format(" \\fI{}\\fR", Escaped(italic));
  return fmt::format("{}\n{}\n", term, Prose(meaning));
}

std::string ExitStatus() {
  std::string out = Section("EXIT STATUS");
  for (const auto& [code, meaning] : cli::ExitMeanings()) out += Term(code, "", meaning);
  return out;
}

std::string Reference(std::string_view page, int section) {
  return fmt::format("\\fB{}\\fR({})", Escaped(page), section);
}

bool HasFlag(const Command& command, std::string_view name) {
  return std::ranges::any_of(command.flags, [&](const auto& flag) { return flag.name == name; });
}

}  // namespace

std::string OverviewManual() {
  std::string out = Title("inlier", 1) + Section("NAME") +
                    fmt::format("inlier \\- {}\n", Escaped(cli::kTagline)) + Section("SYNOPSIS") +
                    Prose("inlier COMMAND [OPERAND]… [OPTION]…") + "\n" + Section("QUICK START") +
                    Paragraphs(cli::kQuickStart) + Lines(cli::kQuickStartExamples);
  std::string_view group;
  for (const Command& command : cli::Commands()) {
    if (command.group != group) {
      group = command.group;
      out += Section(Upper(group));
    }
    out += Term(command.name, "", fmt::format("{}.", command.summary));
  }
  out += ExitStatus() + Paragraphs(cli::kOutputs) + Section("SEE ALSO");
  for (const Command& command : cli::Commands())
    out += Reference(fmt::format("inlier-{}", command.name), 1) + ",\n";
  return out + Reference("inlier-options", 7) + "\n";
}

std::string CommandManual(const Command& command) {
  const std::string name = fmt::format("inlier-{}", command.name);
  std::string out = Title(name, 1) + Section("NAME") +
                    fmt::format("{} \\- {}\n", Escaped(name), Escaped(Lower(command.summary))) +
                    Section("SYNOPSIS") + Prose(cli::Synopsis(command)) + "\n" +
                    Section("DESCRIPTION") + Paragraphs(command.description);
  for (const auto& [heading, flags] : cli::GroupsOf(command.flags)) {
    out += Section(heading);
    for (const cli::Flag* flag : flags)
      out += Term(fmt::format("--{}", flag->name), flag->value, flag->help);
  }
  out += Section("EXAMPLES") + Lines(command.examples) + ExitStatus() + Section("SEE ALSO") +
         Reference("inlier", 1);
  if (HasFlag(command, "set")) out += ",\n" + Reference("inlier-options", 7);
  return out + "\n";
}

std::string OptionsManual() {
  std::string out = Title("inlier-options", 7) + Section("NAME") +
                    "inlier\\-options \\- options of the engine, by stage\n" +
                    Section("DESCRIPTION") + Paragraphs(cli::kEngineOptions);
  std::string_view current;
  const EngineOptions defaults;
  EngineOptions::Visit(defaults,
                       [&](std::string_view stage, const Field& field, const auto& value) {
                         if (stage != current) {
                           current = stage;
                           out += Section(Upper(stage));
                         }
                         std::string meaning = fmt::format("{}.", field.help);

                         if (const std::string text = fmt::format("{}", value); !text.empty())
                           meaning += fmt::format(" Default: {}.", text);
                         if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(value)>>) {
                           if (std::isfinite(field.least) && std::isfinite(field.most))
                             meaning += fmt::format(" From {} to {}.", field.least, field.most);
                         }
                         out += Term(fmt::format("{}.{}", stage, field.name), "", meaning);
                       });
  return out + Section("SEE ALSO") + Reference("inlier", 1) + "\n";
}

}  // namespace inlier::packaging
