#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace inlier::cli {

struct Command;

/// One row of a command's flag table; parsing and help both read it.
struct Flag {
  std::string_view name;   // without the dashes
  std::string_view value;  // what follows, as help shows it: "DIR"; empty: a switch
  std::string_view help;
  bool repeats = false;
  bool required = false;
};

/// What the user typed after the command, checked against its flag table.
class Arguments {
 public:
  /// Errors: kInvalidArgument, a sentence about the flag or operand that is wrong.
  static Result<Arguments> Parse(const Command& command, const std::vector<std::string>& words);

  const std::vector<std::string>& operands() const { return operands_; }
  bool Has(std::string_view flag) const { return values_.contains(flag); }
  /// The last value given, or `otherwise`.
  std::string Text(std::string_view flag, std::string_view otherwise = "") const;
  const std::vector<std::string>& All(std::string_view flag) const;
  /// Errors: kInvalidArgument when it is not a whole number within [least, most].
  Result<int> Number(std::string_view flag, int otherwise, int least, int most) const;
  /// The values of a repeatable `key=value` flag. Errors: kInvalidArgument when one has no '='.
  Result<std::vector<std::pair<std::string, std::string>>> Pairs(std::string_view flag) const;
  /// Errors: kInvalidArgument when the value is none of `choices`.
  Result<std::string> Choice(std::string_view flag,
                             const std::vector<std::string_view>& choices) const;

 private:
  std::vector<std::string> operands_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// The flags that most commands share.
Flag DatabaseFlag();
Flag ThreadsFlag(std::string_view help);
Flag IndexMemoryFlag();
Flag SetFlag();
Flag QuietFlag();
Flag FeaturesFlag(std::string_view help);
Flag FormatFlag(std::string_view choices);
Flag WhereFlag(std::string_view help);

}  // namespace inlier::cli
