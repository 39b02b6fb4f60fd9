#pragma once

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/result.h"

namespace inlier {

/// How deep lists and objects lie in each other, whether or not the text is JSON.
inline int JsonLevels(std::string_view text) {
  int level = 0, most = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;  // what is escaped does not end it
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '[' || c == '{'))
      most = std::max(most, ++level);
    else if (!in_string && (c == ']' || c == '}'))
      --level;
  }
  return most;
}

/// Reads JSON of strangers. The library writes and compares what it has read by recursion, so the
/// depth is bounded; by a look of our own beforehand, since its parser with a callback takes time
/// with the square of a list's length. `Json` is one of nlohmann's types. Errors: kInvalidArgument.
template <class Json>
Result<Json> ParseJson(std::string_view text) {
  constexpr int kMostLevels = 32;
  if (JsonLevels(text) > kMostLevels) return Fail(ErrorCode::kInvalidArgument, "nested too deeply");
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Fail(ErrorCode::kInvalidArgument, "not JSON");
  return json;
}

}  // namespace inlier
