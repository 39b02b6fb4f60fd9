#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/result.h"

namespace inlier {

/// JSON whose objects keep the order in which their fields were added.
using Json = nlohmann::ordered_json;

/// Reads JSON that may come from anyone. Errors: kInvalidArgument (not JSON, nested too deeply).
Result<Json> ParseJson(std::string_view text);

/// The text of `json`, on one line or, with an indent, on one line for each value. Bytes that are
/// not UTF-8 become U+FFFD.
///
/// The library's parser and writer are templates that take three seconds to compile, so both are
/// compiled once, in json.cc: prefer these functions to Json::parse and Json::dump.
std::string DumpJson(const Json& json, int indent = -1);

/// The same on one line of ASCII, for messages.
std::string DumpJsonAscii(const Json& json);

}  // namespace inlier
