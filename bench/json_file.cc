#include "bench/json_file.h"

#include <fstream>
#include <iterator>

#include "core/file.h"
#include "core/json.h"

namespace inlier {

Result<BenchJson> ReadJsonFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, path.string() + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto json = ParseJson(text);
  if (!json) return Fail(ErrorCode::kCorrupt, path.string() + ": " + json.error().message);
  return json;
}

BenchJson ParseOwnJson(const std::string& text) { return ParseJson(text).value(); }

Status WriteJsonFile(const std::filesystem::path& path, const BenchJson& json, int indent) {
  std::string text = DumpJson(json, indent);
  if (indent >= 0) text += '\n';
  return PublishFile(path, text);
}

}  // namespace inlier
