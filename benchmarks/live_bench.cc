// Measures how long an answer takes while the process does nothing else, and while it adds items
// without a pause. One thread asks and another one indexes. The times are wall-clock times, because
// they stand for how long a user waits.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "bench/gallery.h"
#include "benchmarks/program.h"
#include "engine/threads.h"
#include "inlier/engine.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options : CommonOptions {
  int seconds = 40;
  std::size_t base_items = 2000, photos = 60;
};

struct Photo {
  Image image;
  std::string id;  // the id of the item that it shows
};

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

struct Asked {
  std::vector<double> ms;
  std::size_t right = 0, with_answer = 0;
};

// Queries the engine with one photo after another until the time is up.
Result<Asked> AskFor(const Engine& engine, const std::vector<Photo>& photos, int seconds,
                     const std::atomic<bool>& stop) {
  Asked asked;
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  for (std::size_t i = 0; Clock::now() < end && !stop; ++i) {
    const auto& [image, id] = photos[i % photos.size()];
    const auto start = Clock::now();
    INLIER_ASSIGN_OR_RETURN(const Answer answer, engine.Query(image, {.top = 1, .all = true}));
    asked.ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    ++asked.with_answer;
    asked.right += !answer.hits.empty() && answer.hits.front().id == id;
  }
  return asked;
}

// Adds and removes items on a thread of its own until it is stopped.
class Indexer {
 public:
  Indexer(Engine& engine, const Catalogue& items)
      : thread_([this, &engine, &items] { Run(engine, items); }) {}
  ~Indexer() { Stop(); }

  /// Whether an error has ended the work.
  const std::atomic<bool>& failed() const { return failed_; }
  /// Stops the work and waits for the thread. Errors: as Engine::IndexCatalogue and Engine::Remove.
  Status Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return status_;
  }

 private:
  void Run(Engine& engine, const Catalogue& items) {
    // Once all items have been added, they are removed and added again, so that the work never
    // ends.
    while (!stop_ && status_) {
      const auto report = engine.IndexCatalogue(items, {.cancel = &stop_});
      if (!report && report.error().code != ErrorCode::kCancelled)
        status_ = tl::unexpected(report.error());
      for (std::size_t i = 0; i < items.entries.size() && !stop_ && status_; ++i)
        status_ = engine.Remove(items.entries[i].id);
    }
    failed_ = !status_.has_value();
  }

  std::atomic<bool> stop_{false}, failed_{false};
  Status status_;
  std::thread thread_;  // comes last, because it uses the other members at once
};

Json ResultOf(const CollectionStats& before, const CollectionStats& after, const Asked& idle,
              const Asked& busy) {
  const auto share = [](const Asked& a) {
    return static_cast<double>(a.right) /
           static_cast<double>(std::max<std::size_t>(a.with_answer, 1));
  };
  const double idle_p99 = Percentile(idle.ms, 0.99), busy_p99 = Percentile(busy.ms, 0.99);
  return {{"items", before.items},
          {"changes_meanwhile", after.last_change - before.last_change},
          {"queries_idle", idle.ms.size()},
          {"queries_busy", busy.ms.size()},
          {"idle_p50_ms", Percentile(idle.ms, 0.5)},
          {"idle_p99_ms", idle_p99},
          {"busy_p50_ms", Percentile(busy.ms, 0.5)},
          {"busy_p99_ms", busy_p99},
          {"p99_ratio", busy_p99 / idle_p99},
          {"first_hit_idle", share(idle)},
          {"first_hit_busy", share(busy)}};
}

Status Run(const Options& options) {
  UseSingleThreadedLibraries();
  KeepFreedMemory();
  INLIER_ASSIGN_OR_RETURN(const Gallery gallery,
                          ReadGallery({options.data / "smvs-dvd", options.data / "smvs-book"},
                                      {options.data / "distractors"}));
  Catalogue base, more;
  for (const CatalogueEntry& entry : gallery.catalogue.entries) {
    (base.entries.size() < options.base_items ? base : more).entries.push_back(entry);
  }
  const std::size_t step = std::max<std::size_t>(1, gallery.photos.size() / options.photos);
  std::vector<Photo> photos;
  for (std::size_t i = 0; i < gallery.photos.size(); i += step) {
    INLIER_ASSIGN_OR_RETURN(Image image, ReadImage(gallery.photos[i].image));
    photos.push_back({std::move(image), gallery.photos[i].own()});
  }
  const fs::path folder = options.out / "db-live";
  std::error_code ec;
  fs::remove_all(folder, ec);
  INLIER_ASSIGN_OR_RETURN(const auto engine, Engine::Open(folder, OpenMode::kCreate, {}));
  INLIER_RETURN_IF_ERROR(engine->IndexCatalogue(base, {}));

  const std::atomic<bool> never{false};
  INLIER_RETURN_IF_ERROR(AskFor(*engine, photos, 3, never));  // warms up
  INLIER_ASSIGN_OR_RETURN(const Asked idle, AskFor(*engine, photos, options.seconds, never));
  INLIER_ASSIGN_OR_RETURN(const CollectionStats before, engine->Stats());
  Indexer indexer(*engine, more);
  const Result<Asked> busy = AskFor(*engine, photos, options.seconds, indexer.failed());
  const auto after = engine->Stats();
  INLIER_RETURN_IF_ERROR(indexer.Stop());
  INLIER_RETURN_IF_ERROR(busy);
  INLIER_RETURN_IF_ERROR(after);
  const Json result = ResultOf(before, *after, idle, *busy);
  PrintResult(result, options.json);
  fs::remove_all(folder, ec);
  return WriteResult(options.out / "live.json", result);
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  po::options_description flags("Answers while the catalogue is being indexed");
  flags.add_options()("seconds", po::value(&options.seconds)->default_value(options.seconds),
                      "seconds of asking, both while nothing else happens and while indexing");
  return inlier::RunProgram("inlier-bench-live", argc, argv, flags, options,
                            [&options] { return inlier::Run(options); });
}
