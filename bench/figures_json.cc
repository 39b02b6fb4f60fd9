#include "bench/figures_json.h"

#include <nlohmann/json.hpp>

namespace inlier {
namespace {

using Json = BenchJson;

Json ToJson(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Interval IntervalFromJson(const Json& json) { return {json.at(0), json.at(1)}; }

Json MeansOf(const std::vector<MeanFigure>& figures) {
  Json json = Json::array();
  for (const MeanFigure& figure : figures) json.push_back(figure.mean);
  return json;
}

Json IntervalsOf(const std::vector<MeanFigure>& figures) {
  Json json = Json::array();
  for (const MeanFigure& figure : figures) json.push_back(ToJson(figure.interval));
  return json;
}

std::vector<MeanFigure> MeanFiguresFromJson(const Json& means, const Json& intervals) {
  std::vector<MeanFigure> figures;
  for (std::size_t i = 0; i < means.size(); ++i)
    figures.push_back({means.at(i), IntervalFromJson(intervals.at(i))});
  return figures;
}

Json ToJson(const SeverityCurve& curve) {
  Json iou = Json::array();
  for (const auto& value : curve.iou) iou.push_back(value ? Json(*value) : Json(nullptr));
  return {{"first_hit", MeansOf(curve.first_hit)},
          {"first_hit_ci", IntervalsOf(curve.first_hit)},
          {"found", MeansOf(curve.found)},
          {"found_ci", IntervalsOf(curve.found)},
          {"iou", std::move(iou)},
          {"wrong", curve.wrong}};
}

SeverityCurve CurveFromJson(const Json& json) {
  SeverityCurve curve{
      .first_hit = MeanFiguresFromJson(json.at("first_hit"), json.at("first_hit_ci")),
      .found = MeanFiguresFromJson(json.at("found"), json.at("found_ci")),
      .wrong = json.at("wrong").get<std::vector<double>>()};
  for (const Json& value : json.at("iou")) {
    curve.iou.push_back(value.is_null() ? std::nullopt
                                        : std::optional<double>(value.get<double>()));
  }
  return curve;
}

}  // namespace

Json ToJson(const BuildCost& cost) {
  if (!cost.measured) return {{"failed", cost.failed}, {"items", cost.items}};
  return {{"cpu_ms_per_item", cost.measured->cpu_ms_per_item},
          {"failed", cost.failed},
          {"items", cost.items},
          {"peak_memory_bytes", cost.measured->peak_memory_bytes},
          {"seconds", cost.measured->seconds}};
}

BuildCost BuildCostFromJson(const Json& json) {
  BuildCost cost{.items = json.at("items"), .failed = json.at("failed")};
  if (json.contains("cpu_ms_per_item")) {
    cost.measured = {.cpu_ms_per_item = json.at("cpu_ms_per_item"),
                     .seconds = json.at("seconds"),
                     .peak_memory_bytes = json.at("peak_memory_bytes")};
  }
  return cost;
}

Json ToJson(const LearningCost& cost) {
  return {
      {"cpu_s", cost.cpu_s}, {"dims", cost.dims}, {"items", cost.items}, {"seconds", cost.seconds}};
}

LearningCost LearningCostFromJson(const Json& json) {
  return {.seconds = json.at("seconds"),
          .cpu_s = json.at("cpu_s"),
          .items = json.at("items"),
          .dims = json.at("dims")};
}

Json ToJson(const MethodCosts& costs) {
  Json json = Json::object();
  if (costs.build) json["build"] = ToJson(*costs.build);
  if (costs.index) {
    json["index"] = {{"cells", costs.index->cells},
                     {"disk_bytes_per_item", costs.index->disk_bytes_per_item},
                     {"features", costs.index->features},
                     {"items", costs.index->items},
                     {"memory_bytes_per_item", costs.index->memory_bytes_per_item}};
  }
  if (costs.learning) json["learning"] = ToJson(*costs.learning);
  if (costs.open) json["open"] = {{"cpu_ms", costs.open->cpu_ms}, {"wall_ms", costs.open->wall_ms}};
  if (costs.query_peak_memory_bytes)
    json["query"] = {{"peak_memory_bytes", *costs.query_peak_memory_bytes}};
  return json;
}

MethodCosts CostsFromJson(const Json& json) {
  MethodCosts costs;
  if (json.contains("build")) costs.build = BuildCostFromJson(json.at("build"));
  if (json.contains("index")) {
    const Json& index = json.at("index");
    costs.index = MeasuredIndex{.items = index.at("items"),
                                .features = index.at("features"),
                                .cells = index.at("cells"),
                                .memory_bytes_per_item = index.at("memory_bytes_per_item"),
                                .disk_bytes_per_item = index.at("disk_bytes_per_item")};
  }
  if (json.contains("learning")) costs.learning = LearningCostFromJson(json.at("learning"));
  if (json.contains("open")) {
    costs.open =
        OpenCost{.cpu_ms = json.at("open").at("cpu_ms"), .wall_ms = json.at("open").at("wall_ms")};
  }
  if (json.contains("query"))
    costs.query_peak_memory_bytes = json.at("query").at("peak_memory_bytes").get<std::uint64_t>();
  return costs;
}

Json ToJson(const CorruptionFigures& figures) {
  Json json = {{"unit", figures.unit},
               {"meaning", figures.meaning},
               {"levels", figures.severities},
               {"scenes_a_level", figures.scenes_per_severity},
               {"pictures", figures.pictures}};
  for (const auto& [method, curve] : figures.methods) json["methods"][method] = ToJson(curve);
  return json;
}

CorruptionFigures CorruptionFiguresFromJson(const Json& json) {
  CorruptionFigures figures{.unit = json.at("unit"),
                            .meaning = json.at("meaning"),
                            .severities = json.at("levels").get<std::vector<double>>(),
                            .scenes_per_severity = json.at("scenes_a_level"),
                            .pictures = json.at("pictures").get<std::vector<std::string>>()};
  for (const auto& [method, curve] : json.at("methods").items())
    figures.methods.emplace_back(method, CurveFromJson(curve));
  return figures;
}

}  // namespace inlier
