#include "wire/shard_twins.h"

#include <utility>

#include "wire/json_parts.h"

namespace inlier::wire {
namespace {

Json FaceJson(const DistantTwins::Face& face) {
  return {{"shard", face.shard}, {"pixels", face.pixel_hash}};
}

bool ReadFace(const Json& pair, const char* name, DistantTwins::Face& face) {
  const auto json = pair.find(name);
  if (json == pair.end() || !json->is_object()) return false;
  const auto shard = json->find("shard"), pixels = json->find("pixels");
  if (shard == json->end() || !shard->is_number_unsigned() || pixels == json->end() ||
      !pixels->is_string())
    return false;
  face = {shard->get<std::size_t>(), pixels->get<std::string>()};
  return face.shard < kMaxShards;
}

bool ReadPair(const Json& json, DistantTwins& pair) {
  if (!json.is_object() || !ReadFace(json, "first", pair.first) ||
      !ReadFace(json, "second", pair.second))
    return false;
  const auto likeness = json.find("likeness");
  if (likeness == json.end() || !likeness->is_number()) return false;
  pair.likeness = likeness->get<float>();
  return true;
}

}  // namespace

std::string FoundTwinsText(const ShardedEngine::FoundTwins& found) {
  Json pairs = Json::array();
  for (const DistantTwins& pair : found.pairs) {
    pairs.push_back({{"first", FaceJson(pair.first)},
                     {"second", FaceJson(pair.second)},
                     {"likeness", pair.likeness}});
  }
  return Line({{"pairs", std::move(pairs)}, {"next", found.next == 0 ? Json() : Json(found.next)}});
}

Result<std::vector<DistantTwins>> ReadShardTwins(std::string_view lines) {
  std::vector<DistantTwins> pairs;
  for (std::size_t number = 1; !lines.empty(); ++number) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const Json json = Json::parse(lines.substr(0, end), nullptr, /*allow_exceptions=*/false);
    if (!ReadPair(json, pairs.emplace_back()))
      return Fail(ErrorCode::kInvalidArgument,
                  "the table of twins: line " + std::to_string(number) + " is no pair");
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return pairs;
}

}  // namespace inlier::wire
