// A new registry is made whenever somebody asks, so that a shard which nobody serves does not show
// the number of a change that is long out of date.
#include "server/shard_metrics.h"

#include <algorithm>
#include <cstddef>

#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace inlier::server {
namespace {

using prometheus::BuildGauge;
using Gauges = prometheus::Family<prometheus::Gauge>;

}  // namespace

std::string ShardMetricsText(const wire::Placement& placement) {
  prometheus::Registry registry;
  BuildGauge()
      .Name("inlier_collection_version")
      .Help("The number of the last change of the catalogue")
      .Register(registry)
      .Add({})
      .Set(static_cast<double>(placement.collection_version));
  Gauges& replicas = BuildGauge()
                         .Name("inlier_shard_replicas")
                         .Help("Servers of a shard that are ready")
                         .Register(registry);
  Gauges& applied = BuildGauge()
                        .Name("inlier_shard_applied_change")
                        .Help("The last change that all servers of a shard have applied")
                        .Register(registry);
  Gauges& items =
      BuildGauge().Name("inlier_shard_items").Help("Items of a shard").Register(registry);
  for (std::size_t i = 0; i < placement.shards.size(); ++i) {
    const wire::Placement::Shard& shard = placement.shards[i];
    const prometheus::Labels labels{{"shard", std::to_string(i)}};
    replicas.Add(labels).Set(static_cast<double>(shard.replicas.size()));
    items.Add(labels).Set(static_cast<double>(shard.items));
    if (shard.replicas.empty()) continue;
    const auto least =
        std::ranges::min_element(shard.replicas, {}, &wire::Placement::Replica::applied);
    applied.Add(labels).Set(static_cast<double>(least->applied));
  }
  return prometheus::TextSerializer().Serialize(registry.Collect());
}

}  // namespace inlier::server
