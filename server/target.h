#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inlier/error.h"

namespace inlier::server {

/// The target of a request, "/v1/items/a%2Fb?limit=3", taken apart. Segments are decoded after they
/// were split, so that a %2F belongs to an id and does not split it.
struct Target {
  std::string path;  // as it came, without the parameters
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> parameters;  // in their order

  bool Has(std::string_view name) const;
  /// The first value of the name, or `otherwise`.
  std::string_view Value(std::string_view name, std::string_view otherwise = {}) const;
  /// Errors: kInvalidArgument, when it is not a whole number from `least` to `most`.
  Result<int> Number(std::string_view name, int otherwise, int least, int most) const;
  /// "true", "1" or nothing behind the name; "false" or "0". Errors: kInvalidArgument.
  Result<bool> Truth(std::string_view name) const;
  /// The first parameter whose name is not among these.
  std::optional<std::string> Unknown(const std::vector<std::string_view>& names) const;
};

/// Errors: kInvalidArgument (not an absolute path, a bad escape, a zero byte, bytes that are not
/// UTF-8, a segment "." or "..", more than 200 parameters).
Result<Target> ParseTarget(std::string_view text);

/// Decodes %HH, and "+" to a space where `plus_is_space`. Errors: as ParseTarget.
Result<std::string> PercentDecoded(std::string_view text, bool plus_is_space);
/// Encodes everything but letters, digits and "-._~".
std::string PercentEncoded(std::string_view text);
/// True for well-formed UTF-8 (RFC 3629): no surrogates, nothing longer than it has to be.
bool IsUtf8(std::string_view text);

}  // namespace inlier::server
