#include "wire/placement.h"

#include <utility>

#include "inlier/sharded.h"
#include "wire/json_parts.h"

namespace inlier::wire {
namespace {

constexpr int kVersion = 1;
constexpr std::string_view kScheme = "http://";

tl::unexpected<Error> Wrong(const std::string& what) {
  return Fail(ErrorCode::kInvalidArgument, "the table of shards: " + what);
}

std::uint64_t Number(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

Result<Placement::Replica> ReadReplica(const Json& url) {
  if (!url.is_string()) return Wrong("a server without a url");
  const auto text = url.get<std::string>();
  const std::size_t colon = text.rfind(':');
  if (!text.starts_with(kScheme) || colon <= kScheme.size())
    return Wrong("'" + text + "' is not of the form http://HOST:PORT");
  Placement::Replica replica{.host = text.substr(kScheme.size(), colon - kScheme.size()),
                             .port = text.substr(colon + 1)};
  if (!replica.port.empty() && replica.port.back() == '/') replica.port.pop_back();
  if (replica.port.empty() || replica.port.find_first_not_of("0123456789") != std::string::npos)
    return Wrong("'" + text + "' has no port");
  if (replica.host.starts_with('[') && replica.host.ends_with(']'))
    replica.host = replica.host.substr(1, replica.host.size() - 2);
  return replica;
}

Result<Placement::Shard> ReadShard(const Json& json) {
  Placement::Shard shard{.items = Number(json, "items"), .replicas = {}};
  const auto replicas = json.find("replicas");
  if (replicas == json.end() || !replicas->is_array()) return Wrong("a shard without replicas");
  for (const Json& one : *replicas) {
    if (!one.is_object() || !one.contains("url")) return Wrong("a server without a url");
    auto replica = ReadReplica(one["url"]);
    if (!replica) return tl::unexpected(replica.error());
    replica->epoch = Number(one, "epoch");
    replica->applied = Number(one, "applied");
    shard.replicas.push_back(*std::move(replica));
  }
  return shard;
}

}  // namespace

Result<Placement> ReadPlacement(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Wrong("it is no object of JSON");
  if (Number(json, "version") != kVersion) return Wrong("it is not of version 1");
  Placement placement{.collection_version = Number(json, "collection_version")};
  if (json.contains("beat")) placement.beat = Number(json, "beat");
  if (json.contains("key") && json["key"].is_string())
    placement.key = json["key"].get<std::string>();
  if (json.contains("twins") && json["twins"].is_string())
    placement.twins = json["twins"].get<std::string>();
  if (json.contains("writer") && json["writer"].is_string()) {
    auto writer = ReadReplica(json["writer"]);
    if (!writer) return tl::unexpected(writer.error());
    placement.writer = *std::move(writer);
  }
  const auto shards = json.find("shards");
  if (shards == json.end() || !shards->is_array() || shards->empty()) return Wrong("no shards");
  if (shards->size() > kMaxShards) return Wrong("more than 256 shards");
  placement.shards.resize(shards->size());
  std::vector<bool> seen(shards->size());
  for (const Json& one : *shards) {
    const bool has_number =
        one.is_object() && one.contains("shard") && one["shard"].is_number_unsigned();
    const std::uint64_t number = has_number ? one["shard"].get<std::uint64_t>() : seen.size();
    if (number >= seen.size() || seen[number])
      return Wrong("the shards are not numbered from 0 without gaps");
    seen[number] = true;
    auto shard = ReadShard(one);
    if (!shard) return tl::unexpected(shard.error());
    placement.shards[number] = *std::move(shard);
  }
  return placement;
}

std::string PlacementText(const Placement& placement, const std::string& not_ready) {
  Json shards = Json::array();
  std::uint64_t items = 0;
  for (std::size_t i = 0; i < placement.shards.size(); ++i) {
    const Placement::Shard& shard = placement.shards[i];
    items += shard.items;
    Json replicas = Json::array();
    for (const auto& replica : shard.replicas)
      replicas.push_back(
          {{"server", replica.address()}, {"epoch", replica.epoch}, {"applied", replica.applied}});
    shards.push_back({{"shard", i}, {"items", shard.items}, {"replicas", std::move(replicas)}});
  }
  return Json{{"ready", not_ready.empty()},
              {"not_ready", not_ready.empty() ? Json() : Json(not_ready)},
              {"collection_version", placement.collection_version},
              {"items", items},
              {"shards", std::move(shards)}}
             .dump() +
         "\n";
}

}  // namespace inlier::wire
