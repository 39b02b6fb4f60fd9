#include "wire/reader.h"

#include <algorithm>

#include "wire/json_parts.h"

namespace inlier::wire {
namespace {

tl::unexpected<Error> Wrong(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message));
}

// Null stays absent. Errors: the value is a list or an object.
Result<std::optional<std::string>> ValueText(const std::string& column, const Json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return value.get<std::string>();
  if (value.is_structured())
    return Wrong("the value of '" + column + "' is neither a text nor a number nor a truth value");
  return Text(value);
}

Result<MetadataPatch> ReadObject(const Json& json) {
  if (!json.is_object()) return Wrong("the metadata is not a JSON object");
  MetadataPatch patch;
  for (const auto& [column, value] : json.items()) {
    if (column.empty()) return Wrong("a column of the metadata has no name");
    auto text = ValueText(column, value);
    if (!text) return tl::unexpected(text.error());
    patch.emplace_back(column, std::move(*text));
  }
  return patch;
}

// Objects within objects are refused later, but a text of nothing but brackets would first take
// much memory.
constexpr int kMaxDepth = 8;
// Metadata of an item take 64 KiB at most. Each byte of a text may be escaped with six.
constexpr std::size_t kMaxText_bytes = 6 * (64 << 10);

Result<Json> Parsed(std::string_view text) {
  // A column is looked for among those before it, so that many would take long.
  if (text.size() > kMaxText_bytes) return Wrong("the text is too long for an item's metadata");
  bool too_deep = false;
  Json json = Json::parse(
      text,
      [&too_deep](int depth, Json::parse_event_t, Json&) {
        too_deep |= depth > kMaxDepth;
        return !too_deep;
      },
      /*allow_exceptions=*/false);
  if (json.is_discarded() || too_deep)
    return Wrong("the text is not JSON, or is nested too deeply");
  return json;
}

}  // namespace

Result<Metadata> ReadMetadata(std::string_view text) {
  auto json = Parsed(text);
  if (!json) return tl::unexpected(json.error());
  auto columns = ReadObject(*json);
  if (!columns) return tl::unexpected(columns.error());
  return Patched({}, *columns);
}

Result<MetadataPatch> ReadMetadataPatch(std::string_view text) {
  auto json = Parsed(text);
  if (!json) return tl::unexpected(json.error());
  if (!json->is_object() || json->size() != 1 || !json->contains("metadata"))
    return Wrong("the patch is not an object with 'metadata' and nothing else");
  return ReadObject((*json)["metadata"]);
}

Metadata Patched(Metadata metadata, const MetadataPatch& patch) {
  for (const auto& [column, value] : patch) {
    const auto old = std::ranges::find(metadata, column, &Metadata::value_type::first);
    if (old != metadata.end() && value)
      old->second = *value;
    else if (old != metadata.end())
      metadata.erase(old);
    else if (value)
      metadata.emplace_back(column, *value);
  }
  return metadata;
}

std::string ReadProblemDetail(std::string_view json) {
  const Json problem = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  const auto detail = problem.is_object() ? problem.find("detail") : problem.end();
  if (detail == problem.end() || !detail->is_string()) return "It was refused without a reason.";
  return detail->get<std::string>();
}

}  // namespace inlier::wire
