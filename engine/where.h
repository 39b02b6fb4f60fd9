#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "index/condition.h"

namespace inlier {

/// Reads a condition as QueryOptions::where and --where have them. The text is one value, or
/// several with '|' between them, of which any will do. A value is a text that has to be equal, a
/// prefix with '*' behind it, or a range of numbers: "10..20", "10.." or "..20", ends included. A
/// backslash before one of | * . and \ makes it an ordinary character. Errors: kInvalidArgument,
/// with a sentence that says what is wrong.
Result<Condition> ParseCondition(std::string_view column, std::string_view text);
/// The same for several, all of which have to hold.
Result<std::vector<Condition>> ParseWhere(
    std::span<const std::pair<std::string, std::string>> where);

/// The sentence for a column that no item has: it names the most similar one of `names` (the
/// columns there are), or the first few.
Error UnknownField(std::string_view column, std::span<const std::string> names);

}  // namespace inlier
