#include "wire/json_parts.h"

#include <array>
#include <utility>

#include "wire/round.h"

namespace inlier::wire {
namespace {

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

}  // namespace

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
          {"descriptor_agreement", RoundTo(e.descriptor_agreement, kEvidenceDecimals)},
          {"sharpness", RoundTo(e.sharpness, kEvidenceDecimals)},
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
          {"margin", RoundTo(e.margin, kEvidenceDecimals)},
          {"local_log_odds", RoundTo(e.local_log_odds, kEvidenceDecimals)},
          {"look_log_odds", RoundTo(e.look_log_odds, kEvidenceDecimals)},
          {"deep_log_odds", RoundTo(e.deep_log_odds, kEvidenceDecimals)}};
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
  if (hit.kind == HitKind::kSimilar) json["kind"] = "similar";
  json["reason"] = hit.reason == Reason::kNone ? Json() : Json(ReasonWord(hit.reason));
  if (hit.difference) json["difference"] = PolygonJson(hit.difference);
  if (with_evidence) json["evidence"] = EvidenceJson(hit.evidence);
  return json;
}

Json AnswerJson(const std::string& photo, const Answer& answer, bool with_evidence) {
  Json hits = Json::array();
  for (const Hit& hit : answer.hits) hits.push_back(HitJson(hit, hits.size() + 1, with_evidence));
  Json json = {{"photo", photo},
               {"features", answer.features},
               {"hits", std::move(hits)},
               {"timings_ms", TimingsJson(answer.timings)}};
  if (answer.coverage)
    json["coverage"] = {
        {"shards", answer.coverage->shards},
        {"answered", answer.coverage->answered},
        {"share_of_items", RoundTo(answer.coverage->share_of_items, kProbabilityDecimals)}};
  if (answer.where_matched) json["where_matched"] = *answer.where_matched;
  if (!answer.warnings.empty()) json["warnings"] = answer.warnings;
  return json;
}

Json MatchJson(const std::string& photo, const std::string& item, const std::optional<Hit>& hit) {
  return {{"photo", photo},
          {"item", item},
          {"accepted", hit && hit->accepted},
          {"probability", RoundTo(hit ? hit->probability : 0, kProbabilityDecimals)},
          {"score", hit ? Json(RoundTo(hit->score, kScoreDecimals)) : Json()},
          {"inliers", hit ? hit->inliers : 0},
          {"polygon", hit ? PolygonJson(hit->polygon) : Json()}};
}

Json ItemJson(const ItemRecord& item) {
  Json pictures = Json::array();
  for (const PictureRecord& picture : item.pictures) pictures.push_back(PictureJson(picture));
  const PictureRecord first = item.pictures.empty() ? PictureRecord{} : item.pictures.front();
  return {{"id", item.id},
          {"image", first.path},
          {"width", first.width_px},
          {"height", first.height_px},
          {"features", FeatureCount(item)},
          {"content_hash", first.content_hash},
          {"metadata", MetadataJson(item.metadata)},
          {"pictures", std::move(pictures)}};
}

}  // namespace inlier::wire
