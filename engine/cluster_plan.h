#pragma once

#include "core/result.h"
#include "index/index_size.h"
#include "inlier/plan.h"

namespace inlier {

/// What a whole catalogue holds, as a plan has found it.
struct PlannedContents {
  IndexContents index;
  double store_bytes = 0;                      // of everything but the index
  double record_bytes = 0, preview_bytes = 0;  // of one item
};

/// Errors: kInvalidArgument (replicas or shards without a node to hold them, no nodes and no
/// memory, or a node that cannot hold a single shard).
Result<ClusterPlan> PlanCluster(const ClusterShape& shape, const PlannedContents& contents);

}  // namespace inlier
