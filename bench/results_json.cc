#include "bench/results_json.h"

#include <nlohmann/json.hpp>

#include "bench/figures_json.h"
#include "bench/json_file.h"

namespace inlier {
namespace {

using Json = BenchJson;
constexpr const char* kSchema = "inlier-bench 1";

Json ToJson(const Interval& interval) { return Json::array({interval.low, interval.high}); }

void Add(Json& json, const std::string& name, const MeanFigure& figure) {
  json[name] = figure.mean;
  json[name + "_ci"] = ToJson(figure.interval);
}

Json ToJson(const RankFigures& figures) {
  Json json = {{"photos", figures.photos}};
  Add(json, "first_hit", figures.first_hit);
  Add(json, "recall_at_10", figures.recall_at_10);
  Add(json, "map", figures.average_precision);
  json["map_at_5"] = figures.average_precision_at_5;
  return json;
}

Json ToJson(const DatasetFigures& figures) {
  Json json = ToJson(figures.ranks);
  json["gallery"] = figures.in_joint_gallery ? "joint" : "own";
  if (figures.top_4) json["top_4"] = *figures.top_4;
  json["listed"] = figures.listed;
  Add(json, "accepted", figures.accepted);
  if (figures.nothing) {
    json["nothing_photos"] = figures.nothing->photos;
    json["wrong"] = figures.nothing->wrong;
    Json curve = Json::array();
    for (const DetectionError& e : figures.nothing->detection_errors)
      curve.push_back(Json::array({e.threshold, e.missed, e.false_alarm}));
    json["detection_errors"] = std::move(curve);
  }
  json["query_ms"] = figures.query_ms;
  json["query_cpu_ms"] = figures.query_cpu_ms;
  json["decode_ms"] = figures.decode_ms;
  json["extract_ms"] = figures.extract_ms;
  json["shortlist_ms"] = figures.shortlist_ms;
  json["verify_ms"] = figures.verify_ms;
  json["failed"] = figures.failed;
  if (figures.own_gallery) json["own_gallery"] = ToJson(*figures.own_gallery);
  return json;
}

Json ToJson(const PairedDifference& d) {
  return {{"first_hit", d.first_hit},
          {"better_part", d.better_part},
          {"first_hit_of_part", d.first_hit_of_part},
          {"difference", d.difference},
          {"difference_ci", ToJson(d.interval)},
          {"not_worse", d.not_worse()}};
}

Json ToJson(const BehindBest& behind) {
  return {{"best", behind.best}, {"behind", behind.behind}, {"behind_ci", ToJson(behind.interval)}};
}

Json ToJson(const IndexLoss& loss) {
  return {{"photos", loss.photos},
          {"voted_first_in_100", loss.voted_first_in_100},
          {"voted_first_is_right", loss.voted_first_is_right},
          {"right_not_in_100", loss.right_not_in_100},
          {"first_hit_exact", loss.first_hit_exact},
          {"first_hit_index", loss.first_hit_index},
          {"cpu_ms", loss.cpu_ms}};
}

Json ToJson(const DrawnAnswer& drawn) {
  return {
      {"method", drawn.method},  {"dataset", drawn.dataset},   {"right", drawn.right},
      {"file", drawn.file},      {"photo", drawn.photo},       {"named", drawn.named},
      {"own", drawn.own},        {"accepted", drawn.accepted}, {"probability", drawn.probability},
      {"inliers", drawn.inliers}};
}

Json ToJson(const DatasetSize& size) { return {{"items", size.items}, {"photos", size.photos}}; }

Json ToJson(const RunInfo& run) {
  return {{"version", run.version},     {"commit", run.commit},   {"date", run.date},
          {"machine", run.machine},     {"threads", run.threads}, {"command", run.command},
          {"data_hash", run.data_hash}, {"seconds", run.seconds}};
}

// An object with a member for each value.
template <class Values>
Json ObjectOf(const Values& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = ToJson(value);
  return json;
}

// The same of lists of values.
template <class Lists>
Json ObjectOfObjects(const Lists& lists) {
  Json json = Json::object();
  for (const auto& [name, values] : lists) json[name] = ObjectOf(values);
  return json;
}

}  // namespace

Status WriteResults(const std::filesystem::path& path, const BenchResults& results) {
  Json json = {{"schema", kSchema},
               {"methods", ObjectOfObjects(results.methods)},
               {"costs", ObjectOf(results.costs)},
               {"options", Json::object()}};
  for (const auto& [method, options] : results.options)
    json["options"][method] = ParseOwnJson(options);
  if (!results.hybrid.empty()) json["hybrid"] = ObjectOf(results.hybrid);
  json["against_best"] = ObjectOf(results.against_best);
  if (!results.exact.empty()) json["exact"] = ObjectOfObjects(results.exact);
  if (!results.corrupted.empty()) json["stress"] = ObjectOfObjects(results.corrupted);
  if (results.pictures) {
    json["pictures"] = Json::array();
    for (const DrawnAnswer& drawn : *results.pictures) json["pictures"].push_back(ToJson(drawn));
  }
  json["datasets"] = ObjectOf(results.datasets);
  json["gallery"] = ToJson(results.gallery);
  json["run"] = ToJson(results.run);
  return WriteJsonFile(path, json, /*indent=*/1);
}

}  // namespace inlier
