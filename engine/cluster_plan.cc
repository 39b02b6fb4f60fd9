#include "engine/cluster_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "inlier/sharded.h"

namespace inlier {
namespace {

constexpr int kMaxNodes = 100'000;
constexpr std::array kUsualShards{64, 128, 256};
// Of a node's memory; the rest is for processes, the caches of the stores and the system.
constexpr double kShareForIndexes = 0.8;
// The sample that inlier-cluster build takes (cluster/inlier_cluster/build.py).
constexpr double kSampledShare = 0.05, kMinSampled = 5'000, kMaxSampled = 120'000;
// Of a photo, and of its shortlist: the faces whose keypoints are fetched and, of those, the most
// that are compared in full.
constexpr double kPhotoFeatures = 1'500, kProbes = 4, kShortlist = 50, kInFull = 12;
constexpr double kKeypoint_bytes = 6;

int CeilDiv(int a, int b) { return (a + b - 1) / b; }

// The vocabulary is trained on a sample of the catalogue.
std::uint64_t CellsOfSample(const IndexContents& all) {
  const double items = static_cast<double>(all.items);
  const double sampled =
      std::min(items, std::clamp(items * kSampledShare, kMinSampled, kMaxSampled));
  IndexContents sample = all;
  sample.items = static_cast<std::uint64_t>(sampled);
  sample.features = static_cast<std::uint64_t>(static_cast<double>(all.features) * sampled / items);
  sample.postings = static_cast<std::uint64_t>(static_cast<double>(all.postings) * sampled / items);
  return SizeOfIndex(sample).cells;
}

// Counting and ranking send each shard the photo's lists and codes, take the lengths and hits back,
// and send the sums of them.
double VoteBytesOfAShard(std::uint64_t code_bits) {
  const double photo = kPhotoFeatures * (kProbes * (4 + static_cast<double>(code_bits) / 8) + 2);
  const double totals = kPhotoFeatures * (kProbes * 4 + 4);
  return photo + 2 * totals;
}

IndexSize SizeOfShard(const IndexContents& all, int shards, std::uint64_t cells) {
  IndexContents part = all;
  const auto share = [shards](std::uint64_t whole) {
    return (whole + static_cast<std::uint64_t>(shards) - 1) / static_cast<std::uint64_t>(shards);
  };
  part.items = share(all.items);
  part.features = share(all.features);
  part.postings = share(all.postings);
  part.cells = cells;
  return SizeOfIndex(part);
}

// The fewest nodes whose memory holds their shards; 0 when one shard is too much for a node.
int NodesFor(const ClusterShape& shape, int shards, std::uint64_t shard_bytes) {
  const double room = static_cast<double>(shape.node_memory_bytes) * kShareForIndexes;
  const int most_at_a_node =
      static_cast<int>(std::min(room / static_cast<double>(std::max<std::uint64_t>(shard_bytes, 1)),
                                1.0 * kMaxShards * kMaxNodes));
  if (most_at_a_node == 0) return 0;
  return std::max(shape.replicas, CeilDiv(shards * shape.replicas, most_at_a_node));
}

Status Check(const ClusterShape& shape) {
  const auto wrong = [](const std::string& what) {
    return Fail(ErrorCode::kInvalidArgument, "a cluster: " + what);
  };
  if (shape.nodes < 0 || shape.nodes > kMaxNodes) return wrong("1 to 100,000 nodes");
  if (shape.replicas < 1) return wrong("at least one replica");
  if (shape.shards < 0 || shape.shards > static_cast<int>(kMaxShards))
    return wrong("1 to 256 shards");
  if (shape.nodes == 0 && shape.node_memory_bytes == 0)
    return wrong("give the nodes, or the memory of a node");
  if (shape.nodes > 0 && shape.replicas > shape.nodes)
    return wrong("replicas of a shard are at different nodes, and there are fewer nodes");
  return {};
}

}  // namespace

Result<ClusterPlan> PlanCluster(const ClusterShape& shape, const PlannedContents& contents) {
  INLIER_RETURN_IF_ERROR(Check(shape));
  ClusterPlan plan{.nodes = shape.nodes, .replicas = shape.replicas};
  const IndexContents& all = contents.index;
  const bool has_cells = all.kind != DescriptorKind::kEmbedding;
  plan.cells = has_cells ? CellsOfSample(all) : 0;
  // Twice as many shards as nodes can be dealt out evenly.
  IndexSize size;
  for (const int shards : kUsualShards) {
    plan.shards = shape.shards > 0 ? shape.shards : shards;
    size = SizeOfShard(all, plan.shards, plan.cells);
    plan.shard_memory_bytes = size.bytes;
    if (shape.node_memory_bytes > 0) plan.nodes_needed = NodesFor(shape, plan.shards, size.bytes);
    const int nodes = shape.nodes > 0 ? shape.nodes : plan.nodes_needed;
    if (shape.shards > 0 || (nodes > 0 && 2 * nodes <= plan.shards * shape.replicas)) break;
  }
  if (shape.node_memory_bytes > 0 && plan.nodes_needed == 0)
    return Fail(ErrorCode::kInvalidArgument,
                "a cluster: one of " + std::to_string(plan.shards) + " shards needs " +
                    std::to_string(size.bytes / 1'000'000) + " MB, more than a node has for it");
  if (plan.nodes == 0) plan.nodes = plan.nodes_needed;
  plan.shards_per_node = CeilDiv(plan.shards * plan.replicas, plan.nodes);
  const auto at_node = static_cast<std::uint64_t>(plan.shards_per_node);
  plan.memory_bytes = at_node * size.bytes;
  plan.disk_bytes =
      at_node * (static_cast<std::uint64_t>(contents.store_bytes / plan.shards) + size.bytes);
  const double features = static_cast<double>(all.features) /
                          static_cast<double>(std::max<std::uint64_t>(all.items, 1));
  const double keypoints = has_cells ? features * kKeypoint_bytes : 0;
  const double candidate =
      features * static_cast<double>(StoredBytesOfFeature(all.kind, all.row_bytes)) +
      contents.record_bytes + contents.preview_bytes;
  plan.candidate_bytes = static_cast<std::uint64_t>(candidate);
  const double votes =
      has_cells ? VoteBytesOfAShard(size.code_bits) : static_cast<double>(all.row_bytes);
  plan.query_network_bytes =
      static_cast<std::uint64_t>(plan.shards * votes + kInFull * candidate +
                                 (kShortlist - kInFull) * (keypoints + contents.record_bytes));
  return plan;
}

}  // namespace inlier
