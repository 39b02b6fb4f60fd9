#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "core/result.h"

namespace inlier {

/// Reads JSON of strangers. The library writes and compares what it has read by recursion, so how deep lists and
/// objects may lie in each other is bounded. `Json` is one of nlohmann's types. Errors: kInvalidArgument.
template <class Json>
Result<Json> ParseJson(std::string_view text) {
  constexpr int kMostLevels = 32;
  bool too_deep = false;
  const auto watch_depth = [&too_deep](int depth, typename Json::parse_event_t, Json&) {
    too_deep |= depth > kMostLevels;
    return depth <= kMostLevels;
  };
  Json json = Json::parse(text, watch_depth, /*allow_exceptions=*/false);
  if (too_deep) return Fail(ErrorCode::kInvalidArgument, "nested too deeply");
  if (json.is_discarded()) return Fail(ErrorCode::kInvalidArgument, "not JSON");
  return json;
}

}  // namespace inlier
