#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inlier/item.h"

namespace inlier {

struct NumberRange {
  double least = -std::numeric_limits<double>::infinity();  // both ends belong to the range
  double most = std::numeric_limits<double>::infinity();
};

/// The longest prefix that a condition can have: the index keeps this much of a long value.
inline constexpr std::size_t kMaxPrefix_bytes = 256;

/// A condition on one metadata column. It holds for an item that has a value in this column which
/// is one of `values`, begins with one of `prefixes`, or is a number in one of `ranges`.
/// engine/where.h reads conditions from text.
struct Condition {
  std::string column;
  std::vector<std::string> values;
  std::vector<std::string> prefixes;  // each of at most kMaxPrefix_bytes; empty: any value
  std::vector<NumberRange> ranges;
};

/// The number that a value is as a whole: "12", "-0.5", "1e3". As in shops' tables, it may have a
/// decimal comma ("12,50", but not "1,250", which may be a thousand) and a currency ("15.00 USD"),
/// which is ignored. Empty for everything else, including numbers that are not finite.
std::optional<double> NumberIn(std::string_view value);

/// Decides by looking at every column. The index of fields is tested against this.
bool Holds(const Condition& condition, const Metadata& metadata);
bool HoldAll(const std::vector<Condition>& conditions, const Metadata& metadata);

}  // namespace inlier
