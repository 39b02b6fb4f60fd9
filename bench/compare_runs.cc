#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/bench.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> ReadRun(std::filesystem::path path) {
  if (std::filesystem::is_directory(path)) path /= "results.json";
  std::ifstream in(path);
  if (!in) return Fail(ErrorCode::kNotFound, path.string() + ": cannot be read");
  Json run = Json::parse(in, nullptr, false);
  if (!run.is_object() || !run.contains("methods") || !run.contains("run")) {
    return Fail(ErrorCode::kCorrupt, path.string() + ": not the results of 'inlier bench'");
  }
  return run;
}

struct Figure {
  const char* key;
  const char* label;
  int digits;
};
constexpr Figure kFigures[] = {
    {"first_hit", "first hit", 3}, {"recall_at_10", "in 10", 3}, {"map", "mAP", 3},
    {"accepted", "accepted", 3},   {"wrong", "wrong", 3},        {"query_cpu_ms", "CPU ms", 1}};

// " *" when the two intervals of a figure do not meet.
const char* Mark(const Json& a, const Json& b, const std::string& key) {
  const std::string ci = key + "_ci";
  if (!a.contains(ci) || !b.contains(ci)) return "";
  const bool apart = a[ci][1].get<double>() < b[ci][0].get<double>() ||
                     b[ci][1].get<double>() < a[ci][0].get<double>();
  return apart ? " *" : "";
}

std::string About(const char* name, const Json& run) {
  const Json& r = run["run"];
  return fmt::format("{}: commit {}, {}, {} threads, data {}\n", name, r.value("commit", "?"),
                     r.value("machine", "?"), r.value("threads", 0), r.value("data_hash", "?"));
}

}  // namespace

Result<std::string> CompareRuns(const std::filesystem::path& before,
                                const std::filesystem::path& after) {
  INLIER_ASSIGN_OR_RETURN(const Json a, ReadRun(before));
  INLIER_ASSIGN_OR_RETURN(const Json b, ReadRun(after));
  try {
    std::string out = About("before", a) + About("after", b);
    if (a["run"].value("data_hash", "") != b["run"].value("data_hash", ""))
      out += "The data differ: the figures are not of the same photos.\n";
    out += fmt::format("\n{:16}{:18}{:12}{:>10}{:>10}{:>10}\n", "method", "dataset", "figure",
                       "before", "after", "change");
    std::size_t shared = 0, changed = 0;
    for (const auto& [method, sets] : a["methods"].items()) {
      for (const auto& [dataset, x] : sets.items()) {
        if (!b["methods"].contains(method) || !b["methods"][method].contains(dataset)) continue;
        const Json& y = b["methods"][method][dataset];
        ++shared;
        for (const Figure& figure : kFigures) {
          if (!x.contains(figure.key) || !y.contains(figure.key)) continue;
          const double from = x[figure.key].get<double>(), to = y[figure.key].get<double>();
          if (from == to) continue;
          ++changed;
          out += fmt::format("{:16}{:18}{:12}{:>10.{}f}{:>10.{}f}{:>+10.{}f}{}\n", method, dataset,
                             figure.label, from, figure.digits, to, figure.digits, to - from,
                             figure.digits, Mark(x, y, figure.key));
        }
      }
    }
    if (shared == 0)
      out += "The runs have no method and dataset in common.\n";
    else if (changed == 0)
      out += "All figures are the same.\n";
    else
      out += "\n* the 95 % intervals do not meet\n";
    return out;
  } catch (const Json::exception& e) {
    return Fail(ErrorCode::kCorrupt, std::string("results.json: ") + e.what());
  }
}

}  // namespace inlier
