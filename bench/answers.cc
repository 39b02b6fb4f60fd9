#include "bench/answers.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

#include "core/file.h"

namespace inlier {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kOutlinesKept = 10;
constexpr std::array<double Timings::*, 5> kStages = {&Timings::decode_ms, &Timings::extract_ms,
                                                      &Timings::shortlist_ms, &Timings::verify_ms,
                                                      &Timings::total_ms};

// Six significant digits, so that files stay small.
double Short(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(value))) - 5);
  return std::round(value / unit) * unit;
}

Json ToJson(const BenchAnswer& answer) {
  Json items = Json::array();
  for (const RankedItem& item : answer.items) {
    Json row = {item.id, Short(item.score), Short(item.probability), item.accepted, item.inliers};
    for (const Point& p : item.outline) {
      row.push_back(std::round(p.x_px * 10) / 10);
      row.push_back(std::round(p.y_px * 10) / 10);
    }
    items.push_back(std::move(row));
  }
  Json cpu = Json::array();
  for (const auto stage : kStages) cpu.push_back(Short(answer.cpu.*stage));
  return {{"items", items},
          {"wall_ms", Short(answer.wall_ms)},
          {"cpu_ms", cpu},
          {"error", answer.error}};
}

BenchAnswer FromJson(const Json& json) {
  BenchAnswer answer{.wall_ms = json.at("wall_ms"), .error = json.at("error")};
  for (std::size_t i = 0; i < kStages.size(); ++i) answer.cpu.*kStages[i] = json.at("cpu_ms").at(i);
  for (const Json& row : json.at("items")) {
    RankedItem item{row.at(0), row.at(1), row.at(2), row.at(3), row.at(4), {}};
    for (std::size_t i = 5; i + 1 < row.size(); i += 2)
      item.outline.push_back({row.at(i), row.at(i + 1)});
    answer.items.push_back(std::move(item));
  }
  return answer;
}

}  // namespace

Ranking BenchAnswer::ranking() const {
  Ranking ids;
  for (const RankedItem& item : items) ids.push_back(item.id);
  return ids;
}

BenchAnswer ToBenchAnswer(const Answer& answer) {
  BenchAnswer out{.wall_ms = answer.timings.total_ms, .cpu = answer.cpu};
  for (const Hit& hit : answer.hits) {
    RankedItem item{hit.id, hit.score, hit.probability, hit.accepted, hit.inliers, {}};
    if (hit.polygon && (hit.accepted || out.items.size() < kOutlinesKept))
      item.outline.assign(hit.polygon->begin(), hit.polygon->end());
    out.items.push_back(std::move(item));
  }
  return out;
}

Status WriteAnswers(const std::filesystem::path& path, const std::string& fingerprint,
                    const MethodAnswers& answers) {
  Json photos = Json::array();
  for (const auto& of_photo : answers.photos) {
    Json asked = Json::object();
    for (std::size_t how = 0; how < of_photo.size(); ++how) {
      if (of_photo[how]) asked[kAskedNames[how]] = ToJson(*of_photo[how]);
    }
    photos.push_back(std::move(asked));
  }
  const Json json = {{"fingerprint", fingerprint},
                     {"costs", Json::parse(answers.costs)},
                     {"photos", std::move(photos)}};
  return PublishFile(path, json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::optional<MethodAnswers> ReadAnswers(const std::filesystem::path& path,
                                         const std::string& fingerprint) {
  std::ifstream in(path);
  if (!in) return std::nullopt;
  try {
    const Json json = Json::parse(in);
    if (json.at("fingerprint") != fingerprint) return std::nullopt;
    MethodAnswers answers{.costs = json.at("costs").dump()};
    for (const Json& asked : json.at("photos")) {
      auto& of_photo = answers.photos.emplace_back();
      for (std::size_t how = 0; how < of_photo.size(); ++how) {
        if (const auto found = asked.find(kAskedNames[how]); found != asked.end())
          of_photo[how] = FromJson(*found);
      }
    }
    return answers;
  } catch (const Json::exception&) {
    return std::nullopt;  // cut off, or of another layout: asked anew
  }
}

}  // namespace inlier
