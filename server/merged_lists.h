#pragma once

#include <string>

#include "inlier/listing.h"
#include "inlier/query.h"
#include "server/cluster.h"

namespace inlier::server {

/// A page of the whole catalogue, as wire::PageText has it. Of `limits`, `cancel` and `deadline`
/// count. At most `options.limit` items of each shard are held at a time. Errors: kUnavailable (a
/// shard does not answer), and kInvalidArgument for a condition, as Engine::List.
Result<std::string> ListShards(const Cluster& cluster, const ListOptions& options,
                               const QueryOptions& limits);

/// The figures of all shards, as wire::StatsLine has them. Each shard counts its own changes and
/// generations, so there is no generation and no covered change; `last_change` is that of answers.
/// Errors: kUnavailable.
Result<std::string> StatsOfShards(const Cluster& cluster, const QueryOptions& limits);

}  // namespace inlier::server
