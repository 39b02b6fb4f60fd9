#pragma once

#include <cstdint>
#include <optional>

#include "inlier/catalogue.h"
#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/options.h"

namespace inlier {

/// A cluster to plan for.
struct ClusterShape {
  int nodes = 0;                        // 0: as many as the memory of a node requires
  int replicas = 2;                     // nodes that hold the same shard
  int shards = 0;                       // virtual shards; 0: as many as suit the nodes, 64 to 256
  std::uint64_t node_memory_bytes = 0;  // 0: not known
};

/// What a catalogue needs on many machines (docs/CLUSTER.md). Each virtual shard is a database of
/// its own, with the vocabulary that all share, at `replicas` nodes.
struct ClusterPlan {
  int nodes = 0, replicas = 0, shards = 0;
  int nodes_needed = 0;                   // by the memory of a node; 0: not known
  int shards_per_node = 0;                // of the node that holds most
  std::uint64_t cells = 0;                // of the vocabulary
  std::uint64_t shard_memory_bytes = 0;   // of the index of one shard
  std::uint64_t memory_bytes = 0;         // of all indexes at a node, to answer photos
  std::uint64_t disk_bytes = 0;           // of all databases at a node
  std::uint64_t candidate_bytes = 0;      // of a face that is compared in full, on the network
  std::uint64_t query_network_bytes = 0;  // between the gateway and all shards, at most
};

/// What a catalogue will need, estimated from its size. Bytes follow from the layout on disk and in
/// memory (docs/FORMAT.md) and are within a few percent. Times are those of one kind of machine and
/// are only a guide.
struct Plan {
  std::uint64_t items = 0;
  double features_per_item = 0;
  double extract_ms_per_item = 0;  // decoding and extraction, one thread
  bool sampled = false;            // the two above come from images of the catalogue itself
  std::uint64_t cells = 0;
  std::uint64_t code_bits = 0;
  std::uint64_t memory_bytes = 0;  // of the index, to answer photos
  /// While the index is trained again, since the old one stays until the new one is ready.
  std::uint64_t build_memory_bytes = 0;
  std::uint64_t disk_bytes = 0;        // of the database
  std::uint64_t build_disk_bytes = 0;  // while a new generation of the index is written
  /// Files of the store that a process holds while it has the database open. Those beyond half of
  /// its limit of open files are mapped, so a small limit is none.
  std::uint64_t open_files = 0;
  double build_s = 0;  // by the clock, on the threads asked for
  std::optional<ClusterPlan> cluster;
};

/// Plans for so many items. `sample` is a catalogue like the one to come, some of whose images are
/// extracted; without it the figures are those of the photos in docs/EVALUATION.md. Errors:
/// kInvalidArgument (no items, no such method, a cluster that cannot be), kBadImage (none of the
/// sampled images can be read).
INLIER_EXPORT Result<Plan> MakePlan(std::uint64_t items, const ExtractorOptions& options,
                                    int threads,
                                    const std::optional<Catalogue>& sample = std::nullopt,
                                    const std::optional<ClusterShape>& cluster = std::nullopt);

}  // namespace inlier
