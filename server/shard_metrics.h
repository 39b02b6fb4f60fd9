#pragma once

#include <string>

#include "wire/placement.h"

namespace inlier::server {

/// How each shard of a cluster is, for Prometheus: what a gateway says behind Metrics::Text. Names
/// begin with inlier_, and docs/SERVER.md lists them.
std::string ShardMetricsText(const wire::Placement& placement);

}  // namespace inlier::server
