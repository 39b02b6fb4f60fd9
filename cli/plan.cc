#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "inlier/plan.h"
#include "inlier/sharded.h"
#include "wire/writer.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Estimates what --items N items need, without making a database. If CATALOGUE is given, the command
extracts the features of a few of its images, to measure how many they have and how long that takes on
this machine. Otherwise it assumes the usual figures. An index that does not fit into memory is mapped
from disk; see --index-memory in 'inlier help query'.

With --nodes or --node-memory-gb the plan is also for a cluster of inlier-cluster, whose shards lie at
--replicas nodes each: what a node needs, how many nodes of that memory it takes, and what a query sends over
the network. Of a node's memory, four fifths are for indexes.
)";

constexpr std::string_view kExamples = R"(
inlier plan --items 1000000
inlier plan products/ --items 250000 --features orb
inlier plan --items 1000000 --set extract.max_features=500 --format jsonl
inlier plan --items 100000000 --node-memory-gb 64
inlier plan --items 20000000 --nodes 12 --replicas 3
)";

constexpr int kMaxItems = 2'000'000'000;
constexpr int kMaxNodes = 100'000, kMaxReplicas = 16, kMaxMemory_gb = 100'000;

std::string Size(std::uint64_t bytes) {
  const auto b = static_cast<double>(bytes);
  if (b >= 1e9) return fmt::format("{:.1f} GB", b / 1e9);
  if (b >= 1e6) return fmt::format("{:.0f} MB", b / 1e6);
  return fmt::format("{:.0f} kB", b / 1e3);
}

std::string Duration(double s) {
  if (s < 90) return fmt::format("{:.0f} s", std::ceil(s));
  if (s < 90 * 60) return fmt::format("{:.0f} min", s / 60);
  return fmt::format("{:.1f} h", s / 3600);
}

std::string ClusterText(const ClusterPlan& plan, int node_memory_gb) {
  std::string text = fmt::format("on {} node{}, {} shards with {} replica{} each\n", plan.nodes,
                                 plan.nodes == 1 ? "" : "s", plan.shards, plan.replicas,
                                 plan.replicas == 1 ? "" : "s");
  const auto row = [&text](std::string_view what, const std::string& value) {
    text += fmt::format("  {:<34}{}\n", what, value);
  };
  row("indexes, in memory of a node", Size(plan.memory_bytes));
  row("databases, on disk of a node", Size(plan.disk_bytes));
  row("shards at a node, at most", std::to_string(plan.shards_per_node));
  if (plan.nodes_needed > 0)
    row(fmt::format("nodes of {} GB of memory", node_memory_gb), std::to_string(plan.nodes_needed));
  row("network of a query, at most", "about " + Size(plan.query_network_bytes));
  row("of which for each candidate", Size(plan.candidate_bytes));
  return text;
}

// Nothing unless a cluster is asked for.
Result<std::optional<ClusterShape>> ShapeFrom(const Arguments& arguments) {
  ClusterShape shape;
  INLIER_ASSIGN_OR_RETURN(shape.nodes, arguments.Number("nodes", 0, 1, kMaxNodes));
  INLIER_ASSIGN_OR_RETURN(shape.replicas, arguments.Number("replicas", 2, 1, kMaxReplicas));
  INLIER_ASSIGN_OR_RETURN(shape.shards,
                          arguments.Number("shards", 0, 1, static_cast<int>(kMaxShards)));
  INLIER_ASSIGN_OR_RETURN(const int gb, arguments.Number("node-memory-gb", 0, 1, kMaxMemory_gb));
  shape.node_memory_bytes = static_cast<std::uint64_t>(gb) * 1'000'000'000;
  if (arguments.Has("nodes") || arguments.Has("node-memory-gb")) return shape;
  if (arguments.Has("replicas") || arguments.Has("shards"))
    return Fail(ErrorCode::kInvalidArgument,
                "--replicas and --shards need --nodes or --node-memory-gb");
  return std::nullopt;
}

std::string PlanText(const Plan& plan, const std::string& method, int threads) {
  std::string text = fmt::format("{} items with {:.0f} {} features each ({})\n", plan.items,
                                 plan.features_per_item, method,
                                 plan.sampled ? "measured on a sample" : "the usual number");
  const auto row = [&text](std::string_view what, const std::string& value) {
    text += fmt::format("  {:<34}{}\n", what, value);
  };
  row("index, in memory to answer", Size(plan.memory_bytes));
  row("memory while it is trained", Size(plan.build_memory_bytes));
  row("database, on disk", Size(plan.disk_bytes));
  row("disk while an index is written", Size(plan.build_disk_bytes));
  row("files that are held open", fmt::format("about {}", plan.open_files));
  row(fmt::format("to build, on {} thread{}", threads, threads == 1 ? "" : "s"),
      "about " + Duration(plan.build_s));
  row("cells, bits of a code", fmt::format("{}, {}", plan.cells, plan.code_bits));
  return text;
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format, arguments.Choice("format", {"text", "jsonl"}));
  INLIER_ASSIGN_OR_RETURN(const int threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(const EngineOptions options, OptionsFrom(arguments, {}));
  std::optional<Catalogue> sample;
  if (!arguments.operands().empty()) {
    INLIER_ASSIGN_OR_RETURN(const auto table_options, CatalogueOptionsFrom(arguments));
    INLIER_ASSIGN_OR_RETURN(sample, ReadCatalogue(arguments.operands().front(), table_options));
  }
  if (!sample && !arguments.Has("items"))
    return Fail(ErrorCode::kInvalidArgument, "plan needs --items, a CATALOGUE or both");
  const int own = sample ? static_cast<int>(std::max<std::size_t>(sample->entries.size(), 1)) : 1;
  INLIER_ASSIGN_OR_RETURN(const int items, arguments.Number("items", own, 1, kMaxItems));
  INLIER_ASSIGN_OR_RETURN(const auto shape, ShapeFrom(arguments));
  INLIER_ASSIGN_OR_RETURN(const Plan plan, MakePlan(static_cast<std::uint64_t>(items),
                                                    options.extract, threads, sample, shape));
  if (format == "jsonl") {
    Print(wire::PlanLine(plan));
    return ExitCode::kDone;
  }
  Print(PlanText(plan, options.extract.method, threads));
  if (plan.cluster)
    Print(ClusterText(*plan.cluster, static_cast<int>(shape->node_memory_bytes / 1'000'000'000)));
  return ExitCode::kDone;
}

}  // namespace

Command PlanCommand() {
  return {
      .name = "plan",
      .group = "Database",
      .summary = "Estimate the disk, memory and time that a catalogue needs",
      .operands = {"[CATALOGUE]", 0, 1},
      .description = kDescription,
      .flags = WithTableFlags(
          {{.name = "items",
            .value = "N",
            .help = "The number of items to plan for. Default: as many as CATALOGUE has."},
           {.name = "nodes", .value = "N", .help = "The number of nodes of a cluster."},
           {.name = "replicas",
            .value = "N",
            .help = "The number of nodes that hold the same shard. Default: 2."},
           {.name = "shards",
            .value = "N",
            .help =
                "The number of virtual shards, at most 256. Default: 64, or up to 256 when there "
                "are many nodes."},
           {.name = "node-memory-gb",
            .value = "N",
            .help = "The memory of a node, in GB; the plan says how many of them it takes."},
           FeaturesFlag(
               "The features to plan for: sift (the default), surf, orb, brief, xfeat, look or, "
               "with a CATALOGUE, deep."),
           FormatFlag("text|jsonl"),
           ThreadsFlag("The number of threads that will build the database. Default: all "
                       "cores."),
           SetFlag()}),
      .examples = kExamples,
      .run = Run};
}

}  // namespace inlier::cli
