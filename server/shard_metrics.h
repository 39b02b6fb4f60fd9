#pragma once

#include <string>

#include "wire/placement.h"

namespace inlier::server {

/// The state of each shard of a cluster, for Prometheus: a gateway appends it to Metrics::Text.
/// Names begin with inlier_, and docs/SERVER.md lists them.
std::string ShardMetricsText(const wire::Placement& placement);

}  // namespace inlier::server
