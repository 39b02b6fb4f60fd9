#include "bench/bench.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/answer_pictures.h"
#include "bench/ask_photos.h"
#include "bench/commit.h"
#include "bench/corruption_curves.h"
#include "bench/figures.h"
#include "bench/given_answers.h"
#include "bench/index_loss.h"
#include "bench/methods.h"
#include "bench/provenance.h"
#include "bench/report.h"
#include "bench/results_json.h"
#include "bench/session.h"
#include "core/clock.h"
#include "render/corruption.h"

namespace inlier {
namespace {

template <class List, class Matches>
bool HasOne(const List& list, const Matches& matches) {
  return std::any_of(list.begin(), list.end(), matches);
}

// Checks what is named in the options against the gallery.
Status CheckNames(const BenchOptions& options, const Gallery& gallery) {
  for (const std::string& dataset : options.corrupted_datasets) {
    if (!HasOne(gallery.datasets, [&](const Dataset& d) { return d.name == dataset; })) {
      return Fail(ErrorCode::kInvalidArgument,
                  "stress: there is no dataset '" + dataset + "' with photos");
    }
  }
  for (const std::string& corruption : options.corruptions) {
    if (!HasOne(Corruptions(), [&](const auto& c) { return c.name == corruption; })) {
      return Fail(ErrorCode::kInvalidArgument,
                  "stress: there is no corruption '" + corruption + "'");
    }
  }
  if (!options.corrupted_datasets.empty() && !options.answers.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "stress: methods that are answers in files cannot be asked about scenes");
  }
  return {};
}

// Opens a session and asks all methods about all photos. Returns the names of the methods.
Result<std::vector<std::string>> Ask(BenchSession& session) {
  const BenchOptions& options = session.options;
  std::vector<std::string> methods = options.methods;
  for (const std::string& method : methods) INLIER_RETURN_IF_ERROR(CheckMethod(options, method));
  INLIER_ASSIGN_OR_RETURN(session.gallery, ReadGallery(options.datasets, options.distractors));
  if (session.gallery.photos.empty())
    return Fail(ErrorCode::kInvalidArgument, "no dataset has photos to ask (a queries.csv)");
  INLIER_ASSIGN_OR_RETURN(session.visible, VisibleItems::Read(options.visible, session.gallery));
  INLIER_RETURN_IF_ERROR(CheckNames(options, session.gallery));
  std::error_code ec;
  std::filesystem::create_directories(options.out, ec);
  if (ec) return Fail(ErrorCode::kIo, options.out.string() + ": " + ec.message());
  session.data_hash = DataHash(session.gallery, options.threads, options.progress);
  if (!options.gallery.empty()) {
    INLIER_RETURN_IF_ERROR(WriteGallery(options.gallery, session.gallery, session.data_hash));
    return std::vector<std::string>();
  }
  for (const std::string& method : methods) INLIER_RETURN_IF_ERROR(AskPhotos(session, method));
  return methods;
}

// How far each method is behind the one with the most first hits on all photos. The interval tells
// which of them may be as good.
ByName<BehindBest> AgainstBest(const BenchSession& session,
                               const ByName<ByName<DatasetFigures>>& figures) {
  const std::string* best = nullptr;
  double most = -1;
  for (const auto& [method, datasets] : figures) {
    if (IsReferenceMethod(method)) continue;
    const auto all = std::find_if(datasets.begin(), datasets.end(),
                                  [](const auto& d) { return d.first == kAllPhotos; });
    const double first_hit = all == datasets.end() ? -1 : all->second.ranks.first_hit.mean;
    if (best && first_hit <= most) continue;
    best = &method;
    most = first_hit;
  }
  ByName<BehindBest> against;
  for (const auto& [method, unused] : figures) {
    if (!best || IsReferenceMethod(method) || method == *best) continue;
    const auto differences = PairedDifferences(session.gallery, session.answers.at(*best),
                                               {{method, &session.answers.at(method)}});
    for (const auto& [dataset, difference] : differences) {
      if (dataset != kAllPhotos) continue;
      against.emplace_back(method, BehindBest{*best, difference.difference, difference.interval});
    }
  }
  return against;
}

// The hybrid compared with those of its parts that were asked as well; nothing without the hybrid.
ByName<PairedDifference> HybridAgainstParts(const BenchSession& session) {
  const auto hybrid = session.answers.find("hybrid");
  std::vector<std::pair<std::string, const MethodAnswers*>> parts;
  for (const char* name : {"sift", "deep", "deep-raw", "look"}) {
    const auto part = session.answers.find(name);
    if (part != session.answers.end()) parts.emplace_back(name, &part->second);
  }
  if (hybrid == session.answers.end() || parts.empty()) return {};
  return PairedDifferences(session.gallery, hybrid->second, parts);
}

RunInfo InfoOf(const BenchSession& session, const Stopwatch& watch) {
  return {.version = INLIER_VERSION,
          .commit = Commit(),
          .date = Today(),
          .machine = Machine(),
          .threads = session.options.threads,
          .command = session.options.command,
          .data_hash = session.data_hash,
          .seconds = watch.Wall_ms() / 1e3};
}

Result<BenchResults> Measure(BenchSession& session, const std::vector<std::string>& methods,
                             const Stopwatch& watch) {
  const BenchOptions& options = session.options;
  const Gallery& gallery = session.gallery;
  BenchResults results;
  for (const std::string& method : methods) {
    results.methods.emplace_back(method,
                                 FiguresOf(gallery, session.answers[method],
                                           [&session](std::size_t photo, const std::string& id) {
                                             return session.visible.IsVisible(photo, id);
                                           }));
    results.costs.emplace_back(method, session.answers[method].costs);
    results.options.emplace_back(method, session.options_of[method]);
  }
  results.hybrid = HybridAgainstParts(session);
  results.against_best = AgainstBest(session, results.methods);
  for (const std::string& method : methods) {
    if (options.exact_photos <= 0 || IsReferenceMethod(method) || ComparesAllItems(method) ||
        GivenAnswersOf(options, method) != nullptr)
      continue;
    INLIER_ASSIGN_OR_RETURN(auto losses, MeasureIndexLoss(session, method));
    results.exact.emplace_back(method, std::move(losses));
  }
  for (const std::string& dataset : options.corrupted_datasets) {
    INLIER_ASSIGN_OR_RETURN(auto figures, MeasureCorruptions(session, dataset));
    results.corrupted.emplace_back(dataset, std::move(figures));
  }
  if (options.report) {
    INLIER_ASSIGN_OR_RETURN(results.pictures, DrawAnswers(session));
  }
  for (const Dataset& dataset : gallery.datasets) {
    results.datasets.emplace_back(
        dataset.name, DatasetSize{dataset.catalogue.entries.size(), dataset.photos.size()});
  }
  results.gallery = {gallery.catalogue.entries.size(), gallery.photos.size()};
  results.run = InfoOf(session, watch);
  return results;
}

std::string TableOf(const BenchResults& results) {
  std::string out =
      fmt::format("{:16}{:18}{:>8}{:>10}{:>15}{:>8}{:>7}{:>10}{:>7}{:>9}\n", "method", "dataset",
                  "photos", "first hit", "95 %", "in 10", "mAP", "accepted", "wrong", "CPU ms");
  for (const auto& [method, datasets] : results.methods) {
    for (const auto& [dataset, d] : datasets) {
      const Interval& ci = d.ranks.first_hit.interval;
      out += fmt::format("{:16}{:18}{:>8}{:>10.3f}{:>15}{:>8.3f}{:>7.3f}{:>10.3f}{:>7}{:>9.0f}\n",
                         method, dataset, d.ranks.photos, d.ranks.first_hit.mean,
                         fmt::format("{:.3f} to {:.3f}", ci.low, ci.high),
                         d.ranks.recall_at_10.mean, d.ranks.average_precision.mean, d.accepted.mean,
                         d.nothing ? fmt::format("{:.3f}", d.nothing->wrong) : "", d.query_cpu_ms);
    }
  }
  return out;
}

}  // namespace

Result<std::string> RunBench(const BenchOptions& options) {
  const Stopwatch watch;
  BenchSession session;
  session.options = options;
  INLIER_ASSIGN_OR_RETURN(const std::vector<std::string> methods, Ask(session));
  if (!options.gallery.empty()) return std::string();
  INLIER_ASSIGN_OR_RETURN(const BenchResults results, Measure(session, methods, watch));
  INLIER_RETURN_IF_ERROR(WriteResults(options.out / "results.json", results));
  std::string table = TableOf(results);
  if (options.report) {
    const Status written = WriteBenchReport(options.out);
    if (!written) table += "\nreport.html was not written: " + written.error().message + "\n";
  }
  return table;
}

}  // namespace inlier
