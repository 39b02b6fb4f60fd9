#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inlier/error.h"
#include "inlier/sharded.h"

/// Twins that lie in different shards, as JSON: what a gateway finds, and the file that it is
/// given.
namespace inlier::wire {

/// {"pairs": […], "next": where the next slice of the shard begins, or null}.
std::string FoundTwinsText(const ShardedEngine::FoundTwins& found);

/// The pairs of a file, one a line. Errors: kInvalidArgument (names the line).
Result<std::vector<DistantTwins>> ReadShardTwins(std::string_view lines);

}  // namespace inlier::wire
