#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/flags.h"
#include "core/result.h"

namespace inlier::cli {

/// How many operands a command takes. `names` is how the synopsis shows them: "PHOTO…".
struct Operands {
  static constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);
  std::string_view names;
  std::size_t least = 0;
  std::size_t most = least;
};

/// What the user typed after the command, checked against the command's operands and flags.
class Arguments {
 public:
  /// Errors: kInvalidArgument, with a sentence about the flag or operand that is wrong. When --help
  /// is among the words, required operands and flags may be missing.
  static Result<Arguments> Parse(const Operands& operands, const std::vector<Flag>& flags,
                                 const std::vector<std::string>& words);

  const std::vector<std::string>& operands() const { return operands_; }
  bool Has(std::string_view flag) const { return values_.contains(flag); }
  /// The last value given, or `otherwise`.
  std::string Text(std::string_view flag, std::string_view otherwise = "") const;
  const std::vector<std::string>& All(std::string_view flag) const;
  /// Errors: kInvalidArgument when the value is not a whole number within [least, most].
  Result<int> Number(std::string_view flag, int otherwise, int least, int most) const;
  /// The values of a repeatable `key=value` flag. Errors: kInvalidArgument when one has no '='.
  Result<std::vector<std::pair<std::string, std::string>>> Pairs(std::string_view flag) const;
  /// The value, or the first of `choices`. Errors: kInvalidArgument when the value is none of them.
  Result<std::string> Choice(std::string_view flag,
                             const std::vector<std::string_view>& choices) const;

 private:
  Status Check(const Operands& operands, const std::vector<Flag>& flags) const;

  std::vector<std::string> operands_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace inlier::cli
