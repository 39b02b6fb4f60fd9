#include "engine/where.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/suggest.h"

namespace inlier {
namespace {

// The text of a condition, or a part of it, without its backslashes.
struct Unescaped {
  std::string text;
  std::string signs;  // the same, with 0 in place of each character that had a backslash
  Unescaped Part(std::size_t begin, std::size_t end) const {
    return {text.substr(begin, end - begin), signs.substr(begin, end - begin)};
  }
};

Unescaped Unescape(std::string_view escaped) {
  constexpr std::string_view kSpecial = "|*.\\";
  Unescaped unescaped;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const bool backslash = escaped[i] == '\\' && i + 1 < escaped.size() &&
                           kSpecial.find(escaped[i + 1]) != std::string_view::npos;
    if (backslash) ++i;
    unescaped.text += escaped[i];
    unescaped.signs += backslash ? '\0' : escaped[i];
  }
  return unescaped;
}

Result<NumberRange> ParseRange(const Unescaped& part, std::size_t dots) {
  constexpr std::string_view kDots = "..";
  const std::string sides[] = {part.text.substr(0, dots), part.text.substr(dots + kDots.size())};
  NumberRange range;
  double* const ends[] = {&range.least, &range.most};
  for (std::size_t i = 0; i < 2; ++i) {
    if (sides[i].empty()) continue;
    const auto number = NumberIn(sides[i]);
    if (!number) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("the range '{}' has '{}' where a number belongs (write \\.. for two "
                              "dots in a text)",
                              part.text, sides[i]));
    }
    *ends[i] = *number;
  }
  if (sides[0].empty() && sides[1].empty())
    return Fail(ErrorCode::kInvalidArgument, "the range '..' has no number on either side");
  if (range.least > range.most) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the range '{}' goes from the larger to the smaller number", part.text));
  }
  return range;
}

// Adds one of the alternatives of a condition.
Status AddAlternative(const Unescaped& part, Condition& condition) {
  if (const std::size_t dots = part.signs.find(".."); dots != std::string::npos) {
    INLIER_ASSIGN_OR_RETURN(const NumberRange range, ParseRange(part, dots));
    condition.ranges.push_back(range);
    return {};
  }
  const std::size_t star = part.signs.find('*');
  if (star == std::string::npos) {
    condition.values.push_back(part.text);
    return {};
  }
  if (star + 1 != part.text.size()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' has a '*' that is not at the end, where it stands for any "
                            "continuation (write \\* for the character itself)",
                            part.text));
  }
  if (star > kMaxPrefix_bytes) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a text before '*' may have {} bytes, and this one has {}",
                            kMaxPrefix_bytes, star));
  }
  condition.prefixes.push_back(part.text.substr(0, star));
  return {};
}

}  // namespace

Result<Condition> ParseCondition(std::string_view column, std::string_view text) {
  const Unescaped whole = Unescape(text);
  Condition condition;
  condition.column = column;
  for (std::size_t begin = 0; begin <= whole.text.size();) {
    const std::size_t end = std::min(whole.signs.find('|', begin), whole.text.size());
    if (auto added = AddAlternative(whole.Part(begin, end), condition); !added)
      return Within(fmt::format("{}={}", column, text), added.error());
    begin = end + 1;
  }
  return condition;
}

Result<std::vector<Condition>> ParseWhere(
    std::span<const std::pair<std::string, std::string>> where) {
  std::vector<Condition> conditions;
  for (const auto& [column, text] : where) {
    INLIER_ASSIGN_OR_RETURN(Condition condition, ParseCondition(column, text));
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

Error UnknownField(std::string_view column, std::span<const std::string> names) {
  constexpr std::size_t kMaxNames = 10;
  std::string there = "no item has a field at all";
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view nearest = Nearest(column, views);
  if (!nearest.empty()) {
    there = fmt::format("there is '{}'", nearest);
  } else if (!names.empty()) {
    there = fmt::format("there {} '{}'", names.size() == 1 ? "is" : "are",
                        fmt::join(names.first(std::min(names.size(), kMaxNames)), "', '"));
    if (names.size() > kMaxNames) there += " and others";
  }
  return {ErrorCode::kInvalidArgument, fmt::format("no item has a field '{}'; {}", column, there)};
}

}  // namespace inlier
