#include "cli/json.h"

#include <cmath>

namespace inlier::cli {
namespace {

Json PolygonJson(const std::optional<std::array<Point, 4>>& polygon) {
  if (!polygon) return nullptr;
  Json corners = Json::array();
  for (const Point& p : *polygon) corners.push_back({RoundTo(p.x_px, 2), RoundTo(p.y_px, 2)});
  return corners;
}

}  // namespace

double RoundTo(double number, int decimals) {
  const double unit = std::pow(10.0, decimals);
  return std::round(number * unit) / unit + 0.0;
}

std::string JsonText(const Json& json) { return DumpJson(json); }

std::string JsonLine(const Json& json) { return JsonText(json) + "\n"; }

Json MetadataJson(const Metadata& metadata) {
  Json json = Json::object();
  for (const auto& [key, value] : metadata) json[key] = value;
  return json;
}

Json AnswerJson(const std::string& photo, const Result<Answer>& answer) {
  if (!answer) return {{"photo", photo}, {"error", answer.error().message}};
  Json hits = Json::array();
  for (const Hit& hit : answer->hits) {
    hits.push_back({{"rank", hits.size() + 1},
                    {"id", hit.id},
                    {"accepted", hit.accepted},
                    {"probability", RoundTo(hit.probability, 4)},
                    {"score", RoundTo(hit.score, 2)},
                    {"inliers", hit.inliers},
                    {"polygon", PolygonJson(hit.polygon)},
                    {"metadata", MetadataJson(hit.metadata)}});
  }
  const Timings& t = answer->timings;
  return {{"photo", photo},
          {"features", answer->features},
          {"hits", std::move(hits)},
          {"timings_ms",
           {{"decode", RoundTo(t.decode_ms, 1)},
            {"extract", RoundTo(t.extract_ms, 1)},
            {"shortlist", RoundTo(t.shortlist_ms, 1)},
            {"verify", RoundTo(t.verify_ms, 1)},
            {"total", RoundTo(t.total_ms, 1)}}}};
}

Json ItemJson(const ItemRecord& item) {
  return {{"id", item.id},
          {"image", item.image_path},
          {"width", item.width_px},
          {"height", item.height_px},
          {"features", item.feature_count},
          {"content_hash", item.content_hash},
          {"metadata", MetadataJson(item.metadata)}};
}

Json MatchJson(const std::string& photo, const std::string& item, const std::optional<Hit>& hit) {
  return {{"photo", photo},
          {"item", item},
          {"accepted", hit && hit->accepted},
          {"probability", RoundTo(hit ? hit->probability : 0, 4)},
          {"score", hit ? Json(RoundTo(hit->score, 2)) : Json()},
          {"inliers", hit ? hit->inliers : 0},
          {"polygon", hit ? PolygonJson(hit->polygon) : Json()}};
}

Json StatsJson(const CollectionStats& stats, const EngineOptions& options) {
  return {{"items", stats.items},
          {"features", stats.features},
          {"method", options.extract.method},
          {"cells", stats.cells},
          {"code_bits", stats.code_bits},
          {"postings", stats.postings},
          {"removed_postings", stats.removed},
          {"segments", stats.segments},
          {"embeddings", stats.embeddings},
          {"index_bytes", stats.index_bytes},
          {"mapped_bytes", stats.mapped_bytes},
          {"disk_bytes", stats.disk_bytes},
          {"generation", stats.generation},
          {"last_change", stats.last_change},
          {"covered_change", stats.covered_change}};
}

}  // namespace inlier::cli
