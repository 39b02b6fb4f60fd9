#include "bench/json_file.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "core/file.h"

namespace inlier {

Result<BenchJson> ReadJsonFile(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) return Fail(ErrorCode::kNotFound, path.string() + ": cannot be read");
  BenchJson json = BenchJson::parse(in, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Fail(ErrorCode::kCorrupt, path.string() + ": not JSON");
  return json;
}

BenchJson ParseOwnJson(const std::string& text) {
  return BenchJson::parse(text, nullptr, /*allow_exceptions=*/false);
}

Status WriteJsonFile(const std::filesystem::path& path, const BenchJson& json, int indent) {
  std::string text = json.dump(indent, ' ', false, BenchJson::error_handler_t::replace);
  if (indent >= 0) text += '\n';
  return PublishFile(path, text);
}

}  // namespace inlier
