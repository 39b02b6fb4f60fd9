#include "core/json.h"

#include <algorithm>

namespace inlier {
namespace {

// How deeply lists and objects are nested. The text need not be JSON.
int JsonLevels(std::string_view text) {
  int level = 0, most = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;  // an escaped quote does not end the string
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '[' || c == '{'))
      most = std::max(most, ++level);
    else if (!in_string && (c == ']' || c == '}'))
      --level;
  }
  return most;
}

}  // namespace

// The library writes and compares values recursively, so the depth is limited. Counting the levels
// first is cheaper than a callback of the library's parser, which takes time that grows with the
// square of a list's length.
Result<Json> ParseJson(std::string_view text) {
  constexpr int kMaxLevels = 32;
  if (JsonLevels(text) > kMaxLevels) return Fail(ErrorCode::kInvalidArgument, "nested too deeply");
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Fail(ErrorCode::kInvalidArgument, "not JSON");
  return json;
}

std::string DumpJson(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

std::string DumpJsonAscii(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace inlier
