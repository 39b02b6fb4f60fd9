#include "cli/arguments.h"

#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "cli/command.h"
#include "cli/suggest.h"

namespace inlier::cli {
namespace {

namespace po = boost::program_options;
constexpr const char* kOperands = "operands";

tl::unexpected<Error> Usage(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

po::options_description Describe(const Command& command) {
  po::options_description table;
  for (const Flag& flag : command.flags) {
    const std::string name(flag.name);
    if (flag.value.empty()) {
      table.add_options()(name.c_str(), "");
    } else {
      table.add_options()(name.c_str(), po::value<std::vector<std::string>>()->composing(), "");
    }
  }
  table.add_options()("help,h", "")(kOperands, po::value<std::vector<std::string>>(), "");
  return table;
}

std::string UnknownFlag(const Command& command, const std::string& typed) {
  std::vector<std::string_view> names{"help"};
  for (const Flag& flag : command.flags) names.push_back(flag.name);
  const std::string bare = typed.substr(std::min(typed.find_first_not_of('-'), typed.size()));
  const std::string_view nearest = Nearest(bare, names);
  return fmt::format("there is no flag {}{}", typed,
                     nearest.empty() ? "" : fmt::format("; did you mean --{}?", nearest));
}

}  // namespace

Result<Arguments> Arguments::Parse(const Command& command, const std::vector<std::string>& words) {
  Arguments arguments;
  try {
    const po::options_description table = Describe(command);
    po::positional_options_description positional;
    positional.add(kOperands, -1);
    // Without guessing, a flag added later cannot change what a script's short form means.
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    const auto parsed =
        po::command_line_parser(words).options(table).positional(positional).style(style).run();
    for (const auto& option : parsed.options) {
      const bool operand = option.position_key >= 0;
      auto& values = operand ? arguments.operands_ : arguments.values_[option.string_key];
      values.insert(values.end(), option.value.begin(), option.value.end());
    }
  } catch (const po::unknown_option& e) {
    return Usage(UnknownFlag(command, e.get_option_name()));
  } catch (const po::invalid_command_line_syntax& e) {
    return Usage(e.kind() == po::invalid_command_line_syntax::extra_parameter
                     ? fmt::format("{} takes no value", e.get_option_name())
                     : fmt::format("{} needs a value", e.get_option_name()));
  } catch (const po::error& e) {
    return Usage(e.what());
  }
  if (arguments.Has("help")) return arguments;
  for (const Flag& flag : command.flags) {
    const auto found = arguments.values_.find(flag.name);
    const std::size_t given = found == arguments.values_.end() ? 0 : 1;
    if (flag.required && given == 0)
      return Usage(fmt::format("--{} {} is missing", flag.name, flag.value));
    if (given > 0 && !flag.value.empty() && !flag.repeats && found->second.size() > 1) {
      return Usage(fmt::format("--{} is given more than once", flag.name));
    }
    if (flag.name == "db" && given > 0 && found->second.front().empty())
      return Usage("--db is empty");
  }
  const std::size_t count = arguments.operands_.size();
  if (count < command.min_operands) return Usage(fmt::format("{} is missing", command.operands));
  if (count > command.max_operands) {
    return Usage(
        fmt::format("'{}' is one operand too many", arguments.operands_[command.max_operands]));
  }
  return arguments;
}

std::string Arguments::Text(std::string_view flag, std::string_view otherwise) const {
  const auto& values = All(flag);
  return values.empty() ? std::string(otherwise) : values.back();
}

const std::vector<std::string>& Arguments::All(std::string_view flag) const {
  static const std::vector<std::string> none;
  const auto found = values_.find(flag);
  return found == values_.end() ? none : found->second;
}

Result<int> Arguments::Number(std::string_view flag, int otherwise, int least, int most) const {
  if (!Has(flag)) return otherwise;
  const std::string text = Text(flag);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return Usage(
        fmt::format("--{} is '{}', not a whole number from {} to {}", flag, text, least, most));
  }
  return number;
}

Result<std::vector<std::pair<std::string, std::string>>> Arguments::Pairs(
    std::string_view flag) const {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& text : All(flag)) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Usage(fmt::format("--{} is '{}', not of the form name=value", flag, text));
    }
    pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

Result<std::string> Arguments::Choice(std::string_view flag,
                                      const std::vector<std::string_view>& choices) const {
  const std::string text = Text(flag, choices.front());
  for (const std::string_view choice : choices) {
    if (text == choice) return text;
  }
  return Usage(fmt::format("--{} is '{}', not one of {}", flag, text, fmt::join(choices, ", ")));
}

Flag DatabaseFlag() {
  return {.name = "db", .value = "DIR", .help = "Folder of the database.", .required = true};
}

Flag ThreadsFlag(std::string_view help) { return {.name = "threads", .value = "N", .help = help}; }

Flag IndexMemoryFlag() {
  return {.name = "index-memory",
          .value = "MB",
          .help =
              "Read an index of at most MB when opening it; of a larger one only what the photos "
              "need, when they need it. "
              "Default: half of the machine's memory."};
}

Flag SetFlag() {
  return {.name = "set",
          .value = "STAGE.FIELD=VALUE",
          .help = "Set one engine option; 'inlier help options' lists them. May be repeated.",
          .repeats = true};
}

Flag QuietFlag() {
  return {.name = "quiet", .help = "No progress and no notices on stderr; errors stay."};
}

Flag FeaturesFlag(std::string_view help) {
  return {.name = "features", .value = "METHOD", .help = help};
}

Flag FormatFlag(std::string_view choices) {
  return {.name = "format",
          .value = choices,
          .help = "How results are printed; the first is the default."};
}

Flag WhereFlag(std::string_view help) {
  return {.name = "where", .value = "KEY=VALUE", .help = help, .repeats = true};
}

}  // namespace inlier::cli
