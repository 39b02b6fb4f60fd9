#include "bench/compare_runs.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/json_file.h"

namespace inlier {
namespace {

using Json = BenchJson;

Result<Json> ReadRun(std::filesystem::path path) {
  if (std::filesystem::is_directory(path)) path /= "results.json";
  const auto not_results = [&path] {
    return Fail(ErrorCode::kCorrupt, path.string() + ": not the results of 'inlier bench'");
  };
  auto run = ReadJsonFile(path);
  if (!run && run.error().code == ErrorCode::kCorrupt) return not_results();
  if (!run) return tl::unexpected(run.error());
  if (!run->is_object() || !run->contains("methods") || !run->contains("run")) return not_results();
  return std::move(*run);
}

struct Figure {
  const char* key;
  const char* label;
  int digits;
};
constexpr Figure kFigures[] = {
    {"first_hit", "first hit", 3}, {"recall_at_10", "in 10", 3}, {"map", "mAP", 3},
    {"accepted", "accepted", 3},   {"wrong", "wrong", 3},        {"query_cpu_ms", "CPU ms", 1}};

// " *" when the two intervals of a figure do not overlap.
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

struct Changes {
  std::string rows;
  std::size_t shared = 0;  // methods on a dataset that both runs have
  std::size_t changed = 0;

  void Add(const std::string& method, const std::string& dataset, const Json& before,
           const Json& after) {
    ++shared;
    for (const Figure& figure : kFigures) {
      if (!before.contains(figure.key) || !after.contains(figure.key)) continue;
      const double from = before[figure.key].get<double>(), to = after[figure.key].get<double>();
      if (from == to) continue;
      ++changed;
      rows += fmt::format("{:16}{:18}{:12}{:>10.{}f}{:>10.{}f}{:>+10.{}f}{}\n", method, dataset,
                          figure.label, from, figure.digits, to, figure.digits, to - from,
                          figure.digits, Mark(before, after, figure.key));
    }
  }
};

std::string Compare(const Json& before, const Json& after) {
  std::string out = About("before", before) + About("after", after);
  if (before["run"].value("data_hash", "") != after["run"].value("data_hash", ""))
    out += "The data differ: the figures are not of the same photos.\n";
  out += fmt::format("\n{:16}{:18}{:12}{:>10}{:>10}{:>10}\n", "method", "dataset", "figure",
                     "before", "after", "change");
  Changes changes;
  for (const auto& [method, datasets] : before["methods"].items()) {
    if (!after["methods"].contains(method)) continue;
    const Json& others = after["methods"][method];
    for (const auto& [dataset, figures] : datasets.items()) {
      if (others.contains(dataset)) changes.Add(method, dataset, figures, others[dataset]);
    }
  }
  out += changes.rows;
  if (changes.shared == 0)
    out += "The runs have no method and dataset in common.\n";
  else if (changes.changed == 0)
    out += "All figures are the same.\n";
  else
    out += "\n* the 95 % intervals do not overlap\n";
  return out;
}

}  // namespace

Result<std::string> CompareRuns(const std::filesystem::path& before,
                                const std::filesystem::path& after) {
  INLIER_ASSIGN_OR_RETURN(const Json a, ReadRun(before));
  INLIER_ASSIGN_OR_RETURN(const Json b, ReadRun(after));
  try {
    return Compare(a, b);
  } catch (const Json::exception& e) {
    return Fail(ErrorCode::kCorrupt, std::string("results.json: ") + e.what());
  }
}

}  // namespace inlier
