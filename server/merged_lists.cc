// A gateway says about the whole catalogue what one server says about its database: each shard is
// asked the same, and their answers are put together.
#include "server/merged_lists.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "server/target.h"
#include "wire/merged.h"
#include "wire/writer.h"

namespace inlier::server {
namespace {

tl::unexpected<Error> Unavailable(std::size_t shard, const std::string& why) {
  return Fail(ErrorCode::kUnavailable, "shard " + std::to_string(shard) + ": " + why);
}

std::string TargetOf(const ListOptions& options) {
  std::string target = "/v1/items?limit=" + std::to_string(options.limit);
  const auto add = [&target](const char* name, const std::string& value) {
    target += std::string("&") + name + '=' + PercentEncoded(value);
  };
  if (!options.after.empty()) add("after", options.after);
  if (!options.id_part.empty()) add("id", options.id_part);
  for (const auto& [column, value] : options.where) add("where", column + '=' + value);
  return target;
}

std::vector<Result<HttpClient::Reply>> AskAll(const Cluster& cluster, std::string target,
                                              const QueryOptions& limits) {
  return cluster.AskShards({.host = {},
                            .port = {},
                            .method = "GET",
                            .target = std::move(target),
                            .headers = {},
                            .body = {}},
                           Cluster::kListRound, limits.deadline);
}

}  // namespace

Result<std::string> ListShards(const Cluster& cluster, const ListOptions& options,
                               const QueryOptions& limits) {
  auto replies = AskAll(cluster, TargetOf(options), limits);
  wire::MergedPage page(options.limit);
  bool refused = false;
  for (std::size_t shard = 0; shard < replies.size(); ++shard) {
    auto& reply = replies[shard];
    if (!reply) return Unavailable(shard, reply.error().message);
    if (reply->status == 400 && !options.where.empty()) {
      refused = true;  // or none of its items has a column
      continue;
    }
    if (reply->status != 200)
      return Unavailable(shard, "it answers " + std::to_string(reply->status));
    const Status added = page.Add(std::exchange(reply->body, std::string()));
    if (!added) return Unavailable(shard, added.error().message);
  }
  if (refused) {  // the catalogue as a whole says whether a condition makes no sense
    const auto counted = cluster.engine()->CountWhere(
        {.where = options.where, .cancel = limits.cancel, .deadline = limits.deadline});
    if (!counted) return tl::unexpected(counted.error());
  }
  return page.Text();
}

Result<std::string> StatsOfShards(const Cluster& cluster, const QueryOptions& limits) {
  CollectionStats total;
  // Before the shards are asked, so that they have at least this change.
  total.last_change = Cluster::AppliedBy(*cluster.placement());
  const auto replies = AskAll(cluster, "/v1/stats", limits);
  for (std::size_t shard = 0; shard < replies.size(); ++shard) {
    const auto& reply = replies[shard];
    if (!reply) return Unavailable(shard, reply.error().message);
    if (reply->status != 200)
      return Unavailable(shard, "it answers " + std::to_string(reply->status));
    const Status added = wire::AddStats(reply->body, total);
    if (!added) return Unavailable(shard, added.error().message);
  }
  return wire::StatsLine(total, cluster.engine()->options());
}

}  // namespace inlier::server
