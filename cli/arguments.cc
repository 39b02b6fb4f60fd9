#include "cli/arguments.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>

#include "core/suggest.h"

namespace inlier::cli {
namespace {

namespace po = boost::program_options;
constexpr const char* kOperands = "<operand>";  // a name that nobody types as a flag

tl::unexpected<Error> Usage(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

// The library only splits the words here, so values stay text: its typed values, which are
// templates, would take most of the time to compile this file.
po::options_description Describe(const std::vector<Flag>& flags) {
  po::options_description table;
  const auto switch_without_value = [] { return new po::untyped_value(/*zero_tokens=*/true); };
  for (const Flag& flag : flags) {
    table.add_options()(std::string(flag.name).c_str(),
                        flag.value.empty() ? switch_without_value() : new po::untyped_value());
  }
  table.add_options()("help,h", switch_without_value())(kOperands, new po::untyped_value());
  return table;
}

std::string UnknownFlag(const std::vector<Flag>& flags, const std::string& typed) {
  std::vector<std::string_view> names{"help"};
  for (const Flag& flag : flags) names.push_back(flag.name);
  const std::string bare = typed.substr(std::min(typed.find_first_not_of('-'), typed.size()));
  const std::string_view nearest = Nearest(bare, names);
  return fmt::format("there is no flag {}{}", typed,
                     nearest.empty() ? "" : fmt::format("; did you mean --{}?", nearest));
}

}  // namespace

Result<Arguments> Arguments::Parse(const Operands& operands, const std::vector<Flag>& flags,
                                   const std::vector<std::string>& words) {
  Arguments arguments;
  try {
    const po::options_description table = Describe(flags);
    po::positional_options_description positional;
    positional.add(kOperands, -1);
    // Short forms of flags are not guessed: otherwise a flag that is added later could change what
    // a script means.
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
    return Usage(UnknownFlag(flags, e.get_option_name()));
  } catch (const po::invalid_command_line_syntax& e) {
    return Usage(e.kind() == po::invalid_command_line_syntax::extra_parameter
                     ? fmt::format("{} takes no value", e.get_option_name())
                     : fmt::format("{} needs a value", e.get_option_name()));
  } catch (const po::error& e) {
    return Usage(e.what());
  }
  if (!arguments.Has("help")) INLIER_RETURN_IF_ERROR(arguments.Check(operands, flags));
  return arguments;
}

Status Arguments::Check(const Operands& operands, const std::vector<Flag>& flags) const {
  for (const Flag& flag : flags) {
    if (flag.required && !Has(flag.name))
      return Usage(fmt::format("--{} {} is missing", flag.name, flag.value));
    if (!flag.value.empty() && !flag.repeats && All(flag.name).size() > 1)
      return Usage(fmt::format("--{} is given more than once", flag.name));
    if (flag.name == "db" && Has("db") && Text("db").empty()) return Usage("--db is empty");
  }
  if (operands_.size() < operands.least) return Usage(fmt::format("{} is missing", operands.names));
  if (operands_.size() > operands.most) {
    return Usage(fmt::format("'{}' is one operand too many", operands_[operands.most]));
  }
  return {};
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

}  // namespace inlier::cli
