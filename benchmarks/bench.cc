#include "benchmarks/bench.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <array>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "benchmarks/gallery.h"
#include "benchmarks/oracles.h"
#include "core/file.h"
#include "core/parallel.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kDepth = 60;
constexpr int kExactDepth = 100;

double Cpu_ms(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

// What one photo gave.
struct Outcome {
  Answer with_own;
  Answer without_own;
  double cpu_ms = 0;  // of the query with its own item, one thread
  std::string error;
};

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

bool Accepts(const Answer& answer, const std::string& id) {
  return std::any_of(answer.hits.begin(), answer.hits.end(),
                     [&](const Hit& hit) { return hit.accepted && hit.id == id; });
}

bool AcceptsAny(const Answer& answer) { return !answer.hits.empty() && answer.hits.front().accepted; }

bool Within(const Answer& answer, const std::string& id, std::size_t depth) {
  const auto end = answer.hits.begin() +
                   static_cast<std::ptrdiff_t>(std::min(depth, answer.hits.size()));
  return std::any_of(answer.hits.begin(), end, [&](const Hit& hit) { return hit.id == id; });
}

Json Summarise(const Gallery& gallery, const std::vector<Outcome>& outcomes, const std::string& dataset) {
  double photos = 0, first = 0, ten = 0, accepted = 0, false_accepts = 0, listed = 0;
  std::vector<double> cpu, decode, extract, shortlist, verify;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const BenchPhoto& photo = gallery.photos[i];
    if (photo.dataset != dataset || photo.id.empty() || !outcomes[i].error.empty()) continue;
    const Outcome& o = outcomes[i];
    ++photos;
    first += Within(o.with_own, photo.id, 1);
    ten += Within(o.with_own, photo.id, 10);
    listed += Within(o.with_own, photo.id, kDepth);
    accepted += Accepts(o.with_own, photo.id);
    false_accepts += AcceptsAny(o.without_own);
    cpu.push_back(o.cpu_ms);
    decode.push_back(o.with_own.cpu.decode_ms);
    extract.push_back(o.with_own.cpu.extract_ms);
    shortlist.push_back(o.with_own.cpu.shortlist_ms);
    verify.push_back(o.with_own.cpu.verify_ms);
  }
  const double n = std::max(photos, 1.0);
  return {{"photos", photos},
          {"first_hit", first / n},
          {"recall_at_10", ten / n},
          {"shortlist_recall", listed / n},
          {"accepted", accepted / n},
          {"accepts_without_own", false_accepts / n},
          {"query_cpu_ms", Median(cpu)},
          {"decode_ms", Median(decode)},
          {"extract_ms", Median(extract)},
          {"shortlist_ms", Median(shortlist)},
          {"verify_ms", Median(verify)}};
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string CandidateRows(const Gallery& gallery, const std::vector<Outcome>& outcomes) {
  std::string out =
      "dataset,photo,own,left_out,id,rank,accepted,probability,inliers,matches,item_coverage,photo_share,"
      "agreement,colour,colour_shift,colour_error,visible,votes,vote_margin\n";
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const BenchPhoto& photo = gallery.photos[i];
    for (const bool left_out : {false, true}) {
      const Answer& answer = left_out ? outcomes[i].without_own : outcomes[i].with_own;
      for (std::size_t r = 0; r < answer.hits.size(); ++r) {
        const Hit& hit = answer.hits[r];
        const Evidence& e = hit.evidence;
        if (e.inliers == 0 && hit.id != photo.id) continue;
        out += fmt::format("{},{},{},{:d},{},{},{:d},{:.4f},{},{}", photo.dataset, Quoted(photo.image.string()),
                           Quoted(photo.id), left_out, Quoted(hit.id), r + 1, hit.accepted, hit.probability,
                           e.inliers, e.matches);
        for (const double value : {e.item_coverage, e.photo_share, e.agreement, e.colour, e.colour_shift,
                                   e.colour_error, e.visible, e.votes, e.vote_margin}) {
          out += fmt::format(",{:.4f}", value);
        }
        out += '\n';
      }
    }
  }
  return out;
}

// How the index compares with looking at every item, on some photos of each dataset: exact voting's first
// item among the first of the index's shortlist, and the first hits of either.
Status CompareWithExact(const BenchOptions& options, const Gallery& gallery, const EngineOptions& engine_options,
                        const std::filesystem::path& folder, Json& result) {
  EngineOptions deeper = engine_options;
  deeper.decide.candidates = kExactDepth;
  INLIER_ASSIGN_OR_RETURN(const auto engine, Engine::Open(folder, OpenMode::kRead, {.options = engine_options}));
  INLIER_ASSIGN_OR_RETURN(const auto deep, Engine::Open(folder, OpenMode::kRead, {.options = deeper}));
  struct Compared {
    Answer exact, index, shortlist;
    const BenchPhoto* photo;
    Status status;
  };
  std::vector<Compared> compared;
  for (const std::string& dataset : gallery.datasets) {
    std::vector<const BenchPhoto*> of_set;
    for (const BenchPhoto& photo : gallery.photos) {
      if (photo.dataset == dataset && !photo.id.empty()) of_set.push_back(&photo);
    }
    const std::size_t count = std::min(of_set.size(), static_cast<std::size_t>(options.exact_photos));
    for (std::size_t i = 0; i < count; ++i) compared.push_back({.photo = of_set[i * of_set.size() / count]});
  }
  std::mutex mutex;
  std::size_t done = 0;
  ParallelFor(compared.size(), options.threads, [&](std::size_t i) {
    Compared& c = compared[i];
    const auto ask = [&c](const Engine& of, Answer& into, int top, bool exact) {
      auto answer = of.Query(c.photo->image, {.top = top, .all = true, .exact = exact});
      if (!answer) c.status = tl::unexpected(answer.error());
      else into = std::move(*answer);
    };
    ask(*engine, c.exact, kDepth, true);
    ask(*engine, c.index, kDepth, false);
    ask(*deep, c.shortlist, kExactDepth, false);
    std::lock_guard lock(mutex);
    if (options.progress) options.progress({"exact", ++done, compared.size()});
  });
  std::map<std::string, std::array<int, 5>> sums;  // photos, found in 100, first hit of exact, of the index, same
  std::map<std::string, std::vector<double>> cpu;
  for (const Compared& c : compared) {
    INLIER_RETURN_IF_ERROR(c.status);
    const auto first = std::find_if(c.exact.hits.begin(), c.exact.hits.end(), [](const Hit& hit) { return hit.evidence.votes == 1; });
    auto& sum = sums[c.photo->dataset];
    sum[0] += 1;
    sum[1] += first != c.exact.hits.end() && Within(c.shortlist, first->id, kExactDepth);
    sum[2] += Within(c.exact, c.photo->id, 1);
    sum[3] += Within(c.index, c.photo->id, 1);
    sum[4] += first != c.exact.hits.end() && first->id == c.photo->id;
    cpu[c.photo->dataset].push_back(c.exact.cpu.shortlist_ms);
  }
  for (const auto& [dataset, sum] : sums) {
    const double n = sum[0];
    result["datasets"][dataset]["exact"] = {{"photos", sum[0]},
                                            {"voted_first_in_100", sum[1] / n},
                                            {"voted_first_is_right", sum[4] / n},
                                            {"first_hit_exact", sum[2] / n},
                                            {"first_hit_index", sum[3] / n},
                                            {"cpu_ms", Median(cpu[dataset])}};
  }
  return {};
}

Result<Json> RunMethod(const BenchOptions& options, const Gallery& gallery, const std::string& method,
                       std::string& candidates) {
  EngineOptions engine_options;
  INLIER_RETURN_IF_ERROR(SetOption(engine_options, "extract.method", method));
  for (const auto& [name, value] : options.set) {
    INLIER_RETURN_IF_ERROR(SetOption(engine_options, name, value));
  }
  const std::filesystem::path folder = options.out / ("db-" + method);
  Json result;
  {
    const double cpu = Cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
    INLIER_ASSIGN_OR_RETURN(const auto writer,
                            Engine::Open(folder, OpenMode::kCreate,
                                         {.options = engine_options, .threads = options.threads}));
    INLIER_ASSIGN_OR_RETURN(const IndexReport report,
                            writer->IndexCatalogue(gallery.catalogue, {.threads = options.threads,
                                                                       .prune = true,
                                                                       .progress = options.progress}));
    const double spent = Cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    const std::size_t worked = report.added + report.updated;
    result["build"] = {{"items", gallery.catalogue.entries.size()},
                       {"extracted", worked},
                       {"failed", report.failed}};
    // A run that found its database ready says nothing about building.
    if (worked == gallery.catalogue.entries.size()) {
      result["build"]["cpu_ms_per_item"] = spent / static_cast<double>(worked);
    }
  }
  const double cpu = Cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
  const auto wall = std::chrono::steady_clock::now();
  INLIER_ASSIGN_OR_RETURN(const auto engine,
                          Engine::Open(folder, OpenMode::kRead, {.options = engine_options}));
  result["open"] = {
      {"cpu_ms", Cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu},
      {"wall_ms", std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - wall).count()}};
  INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, engine->Stats());
  result["index"] = {{"items", stats.items},
                     {"features", stats.features},
                     {"cells", stats.cells},
                     {"memory_bytes_per_item", stats.index_bytes / std::max<std::uint64_t>(stats.items, 1)},
                     {"disk_bytes_per_item", stats.disk_bytes / std::max<std::uint64_t>(stats.items, 1)}};

  std::vector<Outcome> outcomes(gallery.photos.size());
  std::mutex mutex;
  std::size_t done = 0;
  ParallelFor(outcomes.size(), options.threads, [&](std::size_t i) {
    const BenchPhoto& photo = gallery.photos[i];
    QueryOptions query{.top = kDepth, .all = true};
    const double start = Cpu_ms(CLOCK_THREAD_CPUTIME_ID);
    auto answer = engine->Query(photo.image, query);
    outcomes[i].cpu_ms = Cpu_ms(CLOCK_THREAD_CPUTIME_ID) - start;
    if (answer) {
      outcomes[i].with_own = std::move(*answer);
      query.without = {photo.id};
      answer = engine->Query(photo.image, query);
      if (answer) outcomes[i].without_own = std::move(*answer);
    }
    if (!answer) outcomes[i].error = answer.error().message;
    std::lock_guard lock(mutex);
    ++done;
    if (options.progress) options.progress({"query", done, outcomes.size()});
  });
  for (const std::string& dataset : gallery.datasets) {
    result["datasets"][dataset] = Summarise(gallery, outcomes, dataset);
  }
  if (options.exact_photos > 0) {
    INLIER_RETURN_IF_ERROR(CompareWithExact(options, gallery, engine_options, folder, result));
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i].error.empty()) {
      result["errors"].push_back(gallery.photos[i].image.string() + ": " + outcomes[i].error);
    }
  }
  result["options"] = Json::parse(ToJson(engine_options));
  candidates = CandidateRows(gallery, outcomes);
  return result;
}

std::string Table(const Json& results) {
  std::string out = fmt::format("{:8}{:18}{:>8}{:>11}{:>8}{:>11}{:>10}{:>13}{:>9}\n", "method", "dataset",
                                "photos", "first hit", "in 10", "shortlist", "accepted", "accept w/o",
                                "CPU ms");
  for (const auto& [method, result] : results.at("methods").items()) {
    for (const auto& [dataset, d] : result.at("datasets").items()) {
      out += fmt::format("{:8}{:18}{:>8}{:>11.3f}{:>8.3f}{:>11.3f}{:>10.3f}{:>13.3f}{:>9.0f}\n", method, dataset,
                         d["photos"].get<int>(), d["first_hit"].get<double>(), d["recall_at_10"].get<double>(),
                         d["shortlist_recall"].get<double>(), d["accepted"].get<double>(),
                         d["accepts_without_own"].get<double>(), d["query_cpu_ms"].get<double>());
    }
  }
  return out;
}

}  // namespace

Result<std::string> RunBench(const BenchOptions& options) {
  AddOracleMethods();
  for (const std::string& method : options.methods) {
    EngineOptions known;
    INLIER_RETURN_IF_ERROR(SetOption(known, "extract.method", method));
    const auto extractor = Extractor::Create(known.extract);
    if (!extractor) return tl::unexpected(extractor.error());
  }
  INLIER_ASSIGN_OR_RETURN(const Gallery gallery, ReadGallery(options.datasets, options.distractors));
  std::error_code ec;
  std::filesystem::create_directories(options.out, ec);
  if (ec) return Fail(ErrorCode::kIo, options.out.string() + ": " + ec.message());
  Json results{{"threads", options.threads}};
  for (const std::string& method : options.methods) {
    std::string candidates;
    INLIER_ASSIGN_OR_RETURN(results["methods"][method], RunMethod(options, gallery, method, candidates));
    INLIER_RETURN_IF_ERROR(PublishFile(options.out / ("candidates-" + method + ".csv"), candidates));
  }
  INLIER_RETURN_IF_ERROR(PublishFile(options.out / "results.json", results.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"));
  return Table(results);
}

}  // namespace inlier
