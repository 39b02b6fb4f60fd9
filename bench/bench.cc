#include "bench/bench.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/commit.h"
#include "bench/report.h"
#include "bench/session.h"
#include "core/blob.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/parallel.h"
#include "inlier/plan.h"
#include "render/stress.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kSchema = "inlier-bench 1";

std::string Machine() {
  std::ifstream info("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      model = line.substr(std::min(line.find(':') + 2, line.size()));
      break;
    }
  }
  return fmt::format("{}, {} processors", model, HardwareThreads());
}

std::string Today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

// Of all pictures and what they are said to show: figures of the same hash are of the same data.
Result<std::string> HashOf(const Gallery& gallery, int threads,
                           const std::function<void(const Progress&)>& progress) {
  std::vector<std::pair<std::string, std::filesystem::path>> files;
  for (const CatalogueEntry& entry : gallery.catalogue.entries)
    files.emplace_back(entry.id, entry.image);
  for (const BenchPhoto& photo : gallery.photos) {
    files.emplace_back(fmt::format("{} {} {}", photo.dataset, fmt::join(photo.truth.relevant, " "),
                                   fmt::join(photo.truth.junk, " ")),
                       photo.image);
  }
  std::vector<std::string> hashes(files.size());
  std::mutex mutex;
  std::size_t done = 0;
  ParallelFor(files.size(), threads, [&](std::size_t i) {
    const auto bytes = ReadFileBytes(files[i].second, DecodeLimits{}.max_file_bytes);
    // A picture that cannot be read is told of when it is indexed or asked.
    hashes[i] = files[i].first + " " + (bytes ? ContentHash(*bytes) : "unreadable") + "\n";
    std::lock_guard lock(mutex);
    if (progress) progress({"reading the data", ++done, files.size()});
  });
  std::string all;
  for (const std::string& hash : hashes) all += hash;
  return fmt::format("{:016x}", Hash64(all));
}

// The parts of "hybrid": SIFT where it is among the methods, else the first local one; and the
// network with what it has learned where that is.
Status AddParts(BenchSession& session, std::vector<std::string>& methods) {
  const auto hybrid = std::find(methods.begin(), methods.end(), "hybrid");
  if (hybrid == methods.end()) return {};
  methods.erase(hybrid);
  const auto has = [&methods](std::string_view name) {
    return std::find(methods.begin(), methods.end(), name) != methods.end();
  };
  const auto local = std::find_if(methods.begin(), methods.end(), [](const std::string& name) {
    return !IsReferenceMethod(name) && !name.starts_with("deep");
  });
  session.classical = has("sift") || local == methods.end() ? "sift" : *local;
  session.deep = has("deep-raw") && !has("deep") ? "deep-raw" : "deep";
  for (const std::string& part : {session.classical, session.deep}) {
    if (has(part)) continue;
    INLIER_RETURN_IF_ERROR(CheckMethod(session.options, part));
    methods.push_back(part);
  }
  return {};
}

Status FuseParts(BenchSession& session) {
  if (session.classical.empty()) return {};
  INLIER_ASSIGN_OR_RETURN(const EngineOptions options,
                          OptionsOfMethod(session.options, session.classical));
  session.accept_probability = options.decide.accept_probability;
  std::vector<Truth> truths;
  for (const BenchPhoto& photo : session.gallery.photos) truths.push_back(photo.truth);
  const MethodAnswers &classical = session.answers.at(session.classical),
                      &deep = session.answers.at(session.deep);
  MethodAnswers fused = FuseInFolds(
      classical, deep, truths,
      [&](std::size_t photo, const std::string& id) { return session.visible.InDoubt(photo, id); },
      session.accept_probability, session.fusion);
  // What is built and held is both.
  Json costs = Json::object();
  const Json a = Json::parse(classical.costs), b = Json::parse(deep.costs);
  const auto add = [&](const char* group, const char* figure) {
    if (a.contains(group) && b.contains(group) && a[group].contains(figure) &&
        b[group].contains(figure)) {
      costs[group][figure] = a[group][figure].get<double>() + b[group][figure].get<double>();
    }
  };
  add("build", "cpu_ms_per_item");
  add("build", "seconds");
  add("open", "cpu_ms");
  add("open", "wall_ms");
  add("index", "memory_bytes_per_item");
  add("index", "disk_bytes_per_item");
  fused.costs = costs.dump();
  session.options_of["hybrid"] = Json{
      {"parts", {session.classical, session.deep}},
      {"weights",
       session.fusion.weights()}}.dump();
  session.answers["hybrid"] = std::move(fused);
  return {};
}

// On all photos, each method against the one with the most first hits: which of them may be as
// good.
Json AgainstBest(const BenchSession& session, const std::vector<std::string>& methods,
                 const Json& figures) {
  const std::string* best = nullptr;
  const auto first_hit = [&figures](const std::string& method) {
    return figures[method].value("joint", Json::object()).value("first_hit", -1.0);
  };
  for (const std::string& method : methods) {
    if (!IsReferenceMethod(method) && (!best || first_hit(method) > first_hit(*best)))
      best = &method;
  }
  Json against = Json::object();
  for (const std::string& method : methods) {
    if (!best || IsReferenceMethod(method) || method == *best) continue;
    const Json compared = CompareWithParts(session.gallery, session.answers.at(*best),
                                           {{method, &session.answers.at(method)}});
    if (!compared.contains("joint")) continue;
    against[method] = {{"best", *best},
                       {"behind", compared["joint"]["difference"]},
                       {"behind_ci", compared["joint"]["difference_ci"]}};
  }
  return against;
}

std::string Table(const Json& results) {
  std::string out =
      fmt::format("{:16}{:18}{:>8}{:>10}{:>15}{:>8}{:>7}{:>10}{:>7}{:>9}\n", "method", "dataset",
                  "photos", "first hit", "95 %", "in 10", "mAP", "accepted", "wrong", "CPU ms");
  for (const auto& [method, sets] : results.at("methods").items()) {
    for (const auto& [dataset, d] : sets.items()) {
      const auto& ci = d["first_hit_ci"];
      out += fmt::format("{:16}{:18}{:>8}{:>10.3f}{:>15}{:>8.3f}{:>7.3f}{:>10.3f}{:>7}{:>9.0f}\n",
                         method, dataset, d["photos"].get<int>(), d["first_hit"].get<double>(),
                         fmt::format("{:.3f} to {:.3f}", ci[0].get<double>(), ci[1].get<double>()),
                         d["recall_at_10"].get<double>(), d["map"].get<double>(),
                         d["accepted"].get<double>(),
                         d.contains("wrong") ? fmt::format("{:.3f}", d["wrong"].get<double>()) : "",
                         d["query_cpu_ms"].get<double>());
    }
  }
  return out;
}

}  // namespace

Result<std::string> RunBench(const BenchOptions& options) {
  const Stopwatch watch;
  BenchSession session;
  session.options = options;
  std::vector<std::string> methods = options.methods;
  for (const std::string& method : methods) INLIER_RETURN_IF_ERROR(CheckMethod(options, method));
  INLIER_RETURN_IF_ERROR(AddParts(session, methods));
  INLIER_ASSIGN_OR_RETURN(session.gallery, ReadGallery(options.datasets, options.distractors));
  if (session.gallery.photos.empty())
    return Fail(ErrorCode::kInvalidArgument, "no dataset has photos to ask (a queries.csv)");
  INLIER_ASSIGN_OR_RETURN(session.visible, Visible::Read(options.visible, session.gallery));
  for (const std::string& dataset : options.stress) {
    const auto& sets = session.gallery.datasets;
    if (std::none_of(sets.begin(), sets.end(),
                     [&](const Dataset& d) { return d.name == dataset; })) {
      return Fail(ErrorCode::kInvalidArgument,
                  "stress: there is no dataset '" + dataset + "' with photos");
    }
  }
  for (const std::string& slider : options.sliders) {
    const auto all = StressSliders();
    if (std::none_of(all.begin(), all.end(),
                     [&](const StressSlider& s) { return s.name == slider; })) {
      return Fail(ErrorCode::kInvalidArgument, "stress: there is no slider '" + slider + "'");
    }
  }
  std::error_code ec;
  std::filesystem::create_directories(options.out, ec);
  if (ec) return Fail(ErrorCode::kIo, options.out.string() + ": " + ec.message());
  INLIER_ASSIGN_OR_RETURN(session.data_hash,
                          HashOf(session.gallery, options.threads, options.progress));

  for (const std::string& method : methods) INLIER_RETURN_IF_ERROR(AskPhotos(session, method));
  INLIER_RETURN_IF_ERROR(FuseParts(session));
  if (!session.classical.empty()) methods.push_back("hybrid");

  Json results = {{"schema", kSchema}};
  for (const std::string& method : methods) {
    results["methods"][method] = Summarise(session.gallery, session.answers[method],
                                           [&](std::size_t photo, const std::string& id) {
                                             return session.visible.IsVisible(photo, id);
                                           });
    results["costs"][method] = Json::parse(session.answers[method].costs);
    results["options"][method] = Json::parse(session.options_of[method]);
  }
  if (!session.classical.empty()) {
    results["hybrid"] = CompareWithParts(session.gallery, session.answers["hybrid"],
                                         {{session.classical, &session.answers[session.classical]},
                                          {session.deep, &session.answers[session.deep]}});
  }
  results["against_best"] = AgainstBest(session, methods, results["methods"]);
  if (options.exact_photos > 0) {
    for (const std::string& method : methods) {
      if (IsReferenceMethod(method) || method.starts_with("deep") || method == "hybrid") continue;
      INLIER_ASSIGN_OR_RETURN(results["exact"][method], CompareWithExact(session, method));
    }
  }
  for (const std::string& dataset : options.stress) {
    INLIER_ASSIGN_OR_RETURN(results["stress"][dataset], RunStress(session, dataset));
  }
  if (options.report) {
    INLIER_ASSIGN_OR_RETURN(results["pictures"], DrawAnswers(session));
  }
  for (const Dataset& dataset : session.gallery.datasets) {
    results["datasets"][dataset.name] = {{"items", dataset.catalogue.entries.size()},
                                         {"photos", dataset.photos.size()}};
  }
  results["gallery"] = {{"items", session.gallery.catalogue.entries.size()},
                        {"photos", session.gallery.photos.size()}};
  results["run"] = {{"version", INLIER_VERSION},
                    {"commit", Commit()},
                    {"date", Today()},
                    {"machine", Machine()},
                    {"threads", options.threads},
                    {"command", options.command},
                    {"data_hash", session.data_hash},
                    {"seconds", watch.Wall_ms() / 1e3}};
  INLIER_RETURN_IF_ERROR(
      PublishFile(options.out / "results.json",
                  results.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"));
  std::string table = Table(results);
  if (options.report) {
    const Status written = WriteBenchReport(options.out);
    if (!written) table += "\nreport.html was not written: " + written.error().message + "\n";
  }
  return table;
}

}  // namespace inlier
