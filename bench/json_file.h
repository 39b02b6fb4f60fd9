#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/result.h"

namespace inlier {

/// The one JSON type of the bench: objects keep the order in which their members were added. It is
/// Json of core/json.h, named here so that a header need not include the library's templates.
using BenchJson = nlohmann::ordered_json;

/// Reads a file of our own. Errors: kNotFound, kCorrupt (not JSON).
Result<BenchJson> ReadJsonFile(const std::filesystem::path& path);

/// Text of our own, which is known to be JSON.
BenchJson ParseOwnJson(const std::string& text);

/// Writes a file, in one line or, with `indent`, for people to read. Bytes that are not UTF-8 are
/// replaced. Errors: kIo.
Status WriteJsonFile(const std::filesystem::path& path, const BenchJson& json, int indent = -1);

}  // namespace inlier
