#include "index/condition.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace inlier {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes a space and three capital letters, a currency of ISO 4217, off the end.
std::string_view WithoutCurrency(std::string_view value) {
  constexpr std::size_t kCurrency = 4;
  if (value.size() <= kCurrency) return value;
  const std::string_view end = value.substr(value.size() - kCurrency);
  const bool is_currency = end[0] == ' ' && std::ranges::all_of(end.substr(1), [](char c) {
                             return c >= 'A' && c <= 'Z';
                           });
  return is_currency ? value.substr(0, value.size() - kCurrency) : value;
}

// Puts a point in the place of a decimal comma: one between digits of which not three follow it,
// since three could as well be thousands.
std::string WithPoint(std::string_view value) {
  std::string text(value);
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || comma == 0 || !IsDigit(text[comma - 1])) return text;
  const std::string_view decimals = std::string_view(text).substr(comma + 1);
  if (!decimals.empty() && decimals.size() != 3 && std::ranges::all_of(decimals, IsDigit))
    text[comma] = '.';
  return text;
}

bool HoldsFor(const Condition& condition, std::string_view value) {
  const auto begins_with = [value](const std::string& prefix) { return value.starts_with(prefix); };
  if (std::ranges::find(condition.values, value) != condition.values.end() ||
      std::ranges::any_of(condition.prefixes, begins_with))
    return true;
  const auto number = condition.ranges.empty() ? std::nullopt : NumberIn(value);
  return number && std::ranges::any_of(condition.ranges, [number](const NumberRange& range) {
           return *number >= range.least && *number <= range.most;
         });
}

}  // namespace

std::optional<double> NumberIn(std::string_view value) {
  constexpr std::size_t kLongest = 64;  // longer texts are no numbers that anybody wrote
  if (value.empty() || value.size() > kLongest) return std::nullopt;
  const std::string text = WithPoint(WithoutCurrency(value));
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

bool Holds(const Condition& condition, const Metadata& metadata) {
  return std::ranges::any_of(metadata, [&condition](const auto& pair) {
    return pair.first == condition.column && HoldsFor(condition, pair.second);
  });
}

bool HoldAll(const std::vector<Condition>& conditions, const Metadata& metadata) {
  return std::ranges::all_of(
      conditions, [&metadata](const Condition& condition) { return Holds(condition, metadata); });
}

}  // namespace inlier
