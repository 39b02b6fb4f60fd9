#include "wire/writer.h"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "wire/round.h"

namespace inlier::wire {
namespace {

using Json = nlohmann::ordered_json;  // keeps the fields in the order in which they are set

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Line(const Json& json) { return Text(json) + "\n"; }

Json MetadataJson(const Metadata& metadata) {
  Json json = Json::object();
  for (const auto& [key, value] : metadata) json[key] = value;
  return json;
}

Json PolygonJson(const std::optional<std::array<Point, 4>>& polygon) {
  if (!polygon) return nullptr;
  Json corners = Json::array();
  for (const Point& p : *polygon) {
    corners.push_back({RoundTo(p.x_px, kPixelDecimals), RoundTo(p.y_px, kPixelDecimals)});
  }
  return corners;
}

Json EvidenceJson(const Evidence& e) {
  return {{"inliers", e.inliers},
          {"matches", e.matches},
          {"item_coverage", RoundTo(e.item_coverage, kEvidenceDecimals)},
          {"photo_share", RoundTo(e.photo_share, kEvidenceDecimals)},
          {"agreement", RoundTo(e.agreement, kEvidenceDecimals)},
          {"visible", RoundTo(e.visible, kEvidenceDecimals)},
          {"agreement_margin", RoundTo(e.agreement_margin, kEvidenceDecimals)},
          {"colour", RoundTo(e.colour, kEvidenceDecimals)},
          {"colour_shift", RoundTo(e.colour_shift, kEvidenceDecimals)},
          {"colour_error", RoundTo(e.colour_error, kEvidenceDecimals)},
          {"colour_differs", RoundTo(e.colour_differs, kEvidenceDecimals)},
          {"votes", RoundTo(e.votes, kEvidenceDecimals)},
          {"vote_margin", RoundTo(e.vote_margin, kEvidenceDecimals)},
          {"repeats", RoundTo(e.repeats, kEvidenceDecimals)},
          {"similarity", RoundTo(e.similarity, kEvidenceDecimals)},
          {"margin", RoundTo(e.margin, kEvidenceDecimals)}};
}

Json HitJson(const Hit& hit, std::size_t rank, bool with_evidence) {
  Json json = {{"rank", rank},
               {"id", hit.id},
               {"accepted", hit.accepted},
               {"probability", RoundTo(hit.probability, kProbabilityDecimals)},
               {"score", RoundTo(hit.score, kScoreDecimals)},
               {"inliers", hit.inliers},
               {"polygon", PolygonJson(hit.polygon)},
               {"metadata", MetadataJson(hit.metadata)},
               {"picture", NameOf(hit.picture)}};
  if (!hit.twins.empty()) json["twins"] = hit.twins;
  json["reason"] = hit.reason == Reason::kNone ? Json() : Json(ReasonWord(hit.reason));
  if (hit.difference) json["difference"] = PolygonJson(hit.difference);
  if (with_evidence) json["evidence"] = EvidenceJson(hit.evidence);
  return json;
}

Json PictureJson(const PictureRecord& picture) {
  return {{"picture", NameOf(picture)},
          {"width", picture.width_px},
          {"height", picture.height_px},
          {"features", picture.feature_count},
          {"content_hash", picture.content_hash}};
}

Json TimingsJson(const Timings& timings) {
  return {{"decode", RoundTo(timings.decode_ms, kMillisecondDecimals)},
          {"extract", RoundTo(timings.extract_ms, kMillisecondDecimals)},
          {"shortlist", RoundTo(timings.shortlist_ms, kMillisecondDecimals)},
          {"verify", RoundTo(timings.verify_ms, kMillisecondDecimals)},
          {"second_look", RoundTo(timings.second_look_ms, kMillisecondDecimals)},
          {"total", RoundTo(timings.total_ms, kMillisecondDecimals)}};
}

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
  Json hits = Json::array();
  for (const Hit& hit : answer->hits) hits.push_back(HitJson(hit, hits.size() + 1, with_evidence));
  Json json = {{"photo", photo},
               {"features", answer->features},
               {"hits", std::move(hits)},
               {"timings_ms", TimingsJson(answer->timings)}};
  if (answer->where_matched) json["where_matched"] = *answer->where_matched;
  if (!answer->warnings.empty()) json["warnings"] = answer->warnings;
  return Line(json);
}

std::string MatchLine(const std::string& photo, const std::string& item,
                      const std::optional<Hit>& hit) {
  return Line({{"photo", photo},
               {"item", item},
               {"accepted", hit && hit->accepted},
               {"probability", RoundTo(hit ? hit->probability : 0, kProbabilityDecimals)},
               {"score", hit ? Json(RoundTo(hit->score, kScoreDecimals)) : Json()},
               {"inliers", hit ? hit->inliers : 0},
               {"polygon", hit ? PolygonJson(hit->polygon) : Json()}});
}

std::string ItemLine(const ItemRecord& item) {
  Json pictures = Json::array();
  for (const PictureRecord& picture : item.pictures) pictures.push_back(PictureJson(picture));
  const PictureRecord first = item.pictures.empty() ? PictureRecord{} : item.pictures.front();
  return Line({{"id", item.id},
               {"image", first.path},
               {"width", first.width_px},
               {"height", first.height_px},
               {"features", FeatureCount(item)},
               {"content_hash", first.content_hash},
               {"metadata", MetadataJson(item.metadata)},
               {"pictures", std::move(pictures)}});
}

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

std::string PlanLine(const Plan& plan) {
  return Line({{"items", plan.items},
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
               {"build_s", RoundTo(plan.build_s, 1)}});
}

std::string StatsLine(const CollectionStats& stats, const EngineOptions& options) {
  Json json;
  VisitStats(stats, options, [&json](const char* name, const auto& value) { json[name] = value; });
  return Line(json);
}

}  // namespace inlier::wire
