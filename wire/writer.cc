#include "wire/writer.h"

#include <utility>

#include "wire/json_parts.h"
#include "wire/round.h"

namespace inlier::wire {
namespace {

const char* OutcomeWord(PictureOutcome::Kind kind) {
  switch (kind) {
    case PictureOutcome::Kind::kAdded:
      return "added";
    case PictureOutcome::Kind::kUpdated:
      return "updated";
    case PictureOutcome::Kind::kUnchanged:
      return "unchanged";
    case PictureOutcome::Kind::kFailed:
      break;
  }
  return "failed";
}

}  // namespace

std::string AnswerLine(const std::string& photo, const Result<Answer>& answer, bool with_evidence) {
  if (!answer) return Line({{"photo", photo}, {"error", answer.error().message}});
  return Line(AnswerJson(photo, *answer, with_evidence));
}

std::string MatchLine(const std::string& photo, const std::string& item,
                      const std::optional<Hit>& hit) {
  return Line(MatchJson(photo, item, hit));
}

std::string ItemLine(const ItemRecord& item) { return Line(ItemJson(item)); }

std::string TwinsLine(const TwinGroup& group) {
  Json pictures = Json::array();
  for (const PictureRecord& picture : group.pictures) pictures.push_back(NameOf(picture));
  return Line({{"kind", group.copies ? "copies" : "twins"},
               {"likeness", RoundTo(group.likeness, kProbabilityDecimals)},
               {"ids", group.ids},
               {"pictures", std::move(pictures)}});
}

std::string OutcomeLine(const CatalogueEntry& entry, const PictureOutcome& outcome) {
  const bool failed = outcome.kind == PictureOutcome::Kind::kFailed;
  return Line({{"id", entry.id},
               {"image", outcome.image.string()},
               {"outcome", OutcomeWord(outcome.kind)},
               {"features", outcome.features},
               {"warnings", outcome.warnings},
               {"error", failed ? Json(outcome.error.message) : Json()},
               {"cause", failed ? Json(CauseOf(outcome.error)) : Json()}});
}

std::string RejectedLine(const Catalogue::Rejected& rejected) {
  return Line({{"id", nullptr},
               {"image", nullptr},
               {"outcome", OutcomeWord(PictureOutcome::Kind::kFailed)},
               {"features", 0},
               {"warnings", Json::array()},
               {"error", rejected.where + ": " + rejected.reason},
               {"cause", kRejectedCause}});
}

std::string IndexTotalsLine(const IndexReport& report, const std::vector<LeftOut>& left_out) {
  Json kinds = Json::array();
  for (const LeftOut& kind : left_out) {
    kinds.push_back({{"kind", kind.kind}, {"files", kind.files.size()}});
  }
  return Line({{"added", report.added},
               {"updated", report.updated},
               {"unchanged", report.unchanged},
               {"removed", report.removed},
               {"failed", report.failed},
               {"causes", Json(report.causes)},
               {"without_features", report.without_features},
               {"removed_pictures", report.removed_pictures},
               {"stale_pictures", report.stale_pictures},
               {"shared_pictures", report.shared_pictures},
               {"ids_of_shared_pictures", report.ids_of_shared},
               {"items_with_twins", report.items_with_twins},
               {"spared", report.spared},
               {"left_out", std::move(kinds)}});
}

std::string MetadataText(const Metadata& metadata) { return Text(MetadataJson(metadata)); }

namespace {

Json ClusterJson(const ClusterPlan& plan) {
  return {{"nodes", plan.nodes},
          {"replicas", plan.replicas},
          {"shards", plan.shards},
          {"nodes_needed", plan.nodes_needed > 0 ? Json(plan.nodes_needed) : Json()},
          {"shards_per_node", plan.shards_per_node},
          {"cells", plan.cells},
          {"shard_memory_bytes", plan.shard_memory_bytes},
          {"node_memory_bytes", plan.memory_bytes},
          {"node_disk_bytes", plan.disk_bytes},
          {"candidate_bytes", plan.candidate_bytes},
          {"query_network_bytes", plan.query_network_bytes}};
}

}  // namespace

std::string PlanLine(const Plan& plan) {
  Json json = {{"items", plan.items},
               {"features_per_item", RoundTo(plan.features_per_item, 1)},
               {"extract_ms_per_item", RoundTo(plan.extract_ms_per_item, 2)},
               {"sampled", plan.sampled},
               {"cells", plan.cells},
               {"code_bits", plan.code_bits},
               {"memory_bytes", plan.memory_bytes},
               {"build_memory_bytes", plan.build_memory_bytes},
               {"disk_bytes", plan.disk_bytes},
               {"build_disk_bytes", plan.build_disk_bytes},
               {"open_files", plan.open_files},
               {"build_s", RoundTo(plan.build_s, 1)}};
  if (plan.cluster) json["cluster"] = ClusterJson(*plan.cluster);
  return Line(json);
}

std::string StatsLine(const CollectionStats& stats, const EngineOptions& options) {
  Json json;
  VisitStats(stats, options, [&json](const char* name, const auto& value) { json[name] = value; });
  return Line(json);
}

}  // namespace inlier::wire
