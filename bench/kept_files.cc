#include "bench/kept_files.h"

#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "bench/figures_json.h"
#include "bench/json_file.h"

namespace inlier {
namespace {

using Json = BenchJson;
constexpr std::array<double Timings::*, 5> kStages = {&Timings::decode_ms, &Timings::extract_ms,
                                                      &Timings::shortlist_ms, &Timings::verify_ms,
                                                      &Timings::total_ms};

// Six significant digits, so that files stay small.
double Short(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(value))) - 5);
  return std::round(value / unit) * unit;
}

Json AnswerToJson(const BenchAnswer& answer) {
  Json cpu = Json::array();
  for (const auto stage : kStages) cpu.push_back(Short(answer.cpu.*stage));
  Json items = Json::array();
  for (const RankedItem& item : answer.items) {
    Json row = Json::array(
        {item.id, Short(item.score), Short(item.probability), item.accepted, item.inliers});
    for (const Point& p : item.outline) {
      row.push_back(std::round(p.x_px * 10) / 10);
      row.push_back(std::round(p.y_px * 10) / 10);
    }
    items.push_back(std::move(row));
  }
  return {{"cpu_ms", std::move(cpu)},
          {"error", answer.error},
          {"items", std::move(items)},
          {"wall_ms", Short(answer.wall_ms)}};
}

BenchAnswer AnswerFromJson(const Json& json) {
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

MethodAnswers AnswersFromJson(const Json& json) {
  MethodAnswers answers{.costs = CostsFromJson(json.at("costs"))};
  for (const Json& settings : json.at("photos")) {
    auto& of_photo = answers.photos.emplace_back();
    for (std::size_t s = 0; s < of_photo.size(); ++s) {
      if (const auto found = settings.find(kSettingNames[s]); found != settings.end())
        of_photo[s] = AnswerFromJson(*found);
    }
  }
  return answers;
}

// What `from_json` makes of a file; nothing when it throws, or when there is no JSON at all.
template <class Value>
std::optional<Value> ReadKept(const std::filesystem::path& path, Value (*from_json)(const Json&),
                              const std::string* fingerprint = nullptr,
                              const char* member = nullptr) {
  const auto json = ReadJsonFile(path);
  if (!json) return std::nullopt;
  try {
    if (fingerprint && json->at("fingerprint") != *fingerprint) return std::nullopt;
    return from_json(member ? json->at(member) : *json);
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

Status WriteAnswers(const std::filesystem::path& path, const std::string& fingerprint,
                    const MethodAnswers& answers) {
  Json photos = Json::array();
  for (const auto& of_photo : answers.photos) {
    Json settings = Json::object();
    for (std::size_t s = 0; s < of_photo.size(); ++s) {
      if (of_photo[s]) settings[kSettingNames[s]] = AnswerToJson(*of_photo[s]);
    }
    photos.push_back(std::move(settings));
  }
  return WriteJsonFile(path, {{"costs", ToJson(answers.costs)},
                              {"fingerprint", fingerprint},
                              {"photos", std::move(photos)}});
}

std::optional<MethodAnswers> ReadAnswers(const std::filesystem::path& path,
                                         const std::string& fingerprint) {
  return ReadKept(path, AnswersFromJson, &fingerprint);
}

Status WriteCorruptionFigures(const std::filesystem::path& path, const std::string& fingerprint,
                              const CorruptionFigures& figures) {
  return WriteJsonFile(path, {{"fingerprint", fingerprint}, {"curves", ToJson(figures)}});
}

std::optional<CorruptionFigures> ReadCorruptionFigures(const std::filesystem::path& path,
                                                       const std::string& fingerprint) {
  return ReadKept(path, CorruptionFiguresFromJson, &fingerprint, "curves");
}

Status WriteBuildCost(const std::filesystem::path& path, const BuildCost& cost) {
  return WriteJsonFile(path, ToJson(cost));
}

std::optional<BuildCost> ReadBuildCost(const std::filesystem::path& path) {
  return ReadKept(path, BuildCostFromJson);
}

Status WriteLearningCost(const std::filesystem::path& path, const LearningCost& cost) {
  return WriteJsonFile(path, ToJson(cost));
}

std::optional<LearningCost> ReadLearningCost(const std::filesystem::path& path) {
  return ReadKept(path, LearningCostFromJson);
}

}  // namespace inlier
