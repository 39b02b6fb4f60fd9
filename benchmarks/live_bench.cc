// Queries while the same process indexes: how long an answer takes when nothing else happens, and
// while items are added without a pause. Wall-clock times, since waiting is what is asked about;
// one thread asks, one indexes.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "bench/gallery.h"
#include "core/file.h"
#include "engine/threads.h"
#include "inlier/engine.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
  fs::path data, out;
  int seconds = 40;
  std::size_t base_items = 2000, photos = 60;
  bool json = false;
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

// Asks the photos round and round until the time is over.
Result<Asked> AskFor(const Engine& engine, const std::vector<std::pair<Image, std::string>>& photos,
                     int seconds, const std::atomic<bool>& stop) {
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
  std::vector<std::pair<Image, std::string>> photos;
  for (std::size_t i = 0; i < gallery.photos.size(); i += step) {
    INLIER_ASSIGN_OR_RETURN(Image image, ReadImage(gallery.photos[i].image));
    photos.emplace_back(std::move(image), gallery.photos[i].own());
  }
  const fs::path folder = options.out / "db-live";
  std::error_code ec;
  fs::remove_all(folder, ec);
  fs::create_directories(options.out, ec);
  INLIER_ASSIGN_OR_RETURN(const auto engine, Engine::Open(folder, OpenMode::kCreate, {}));
  INLIER_RETURN_IF_ERROR(engine->IndexCatalogue(base, {}));

  std::atomic<bool> never{false}, stop_index{false}, stop_asking{false};
  INLIER_RETURN_IF_ERROR(AskFor(*engine, photos, 3, never));  // warms up
  INLIER_ASSIGN_OR_RETURN(const Asked idle, AskFor(*engine, photos, options.seconds, never));
  Status indexed;
  std::thread indexer([&] {
    // Round and round: what is there already is removed and added again, so that the work does not
    // end.
    while (!stop_index && indexed) {
      const auto report = engine->IndexCatalogue(more, {.cancel = &stop_index});
      if (!report && report.error().code != ErrorCode::kCancelled)
        indexed = tl::unexpected(report.error());
      for (std::size_t i = 0; i < more.entries.size() && !stop_index && indexed; ++i)
        indexed = engine->Remove(more.entries[i].id);
    }
    stop_asking = !indexed.has_value();
  });
  const auto before = engine->Stats();
  const Result<Asked> busy = AskFor(*engine, photos, options.seconds, stop_asking);
  const auto after = engine->Stats();
  stop_index = true;
  indexer.join();
  INLIER_RETURN_IF_ERROR(indexed);
  INLIER_RETURN_IF_ERROR(busy);
  INLIER_RETURN_IF_ERROR(before);
  INLIER_RETURN_IF_ERROR(after);
  const auto share = [](const Asked& a) {
    return static_cast<double>(a.right) /
           static_cast<double>(std::max<std::size_t>(a.with_answer, 1));
  };
  const double idle_p99 = Percentile(idle.ms, 0.99), busy_p99 = Percentile(busy->ms, 0.99);
  const Json json{{"items", before->items},
                  {"changes_meanwhile", after->last_change - before->last_change},
                  {"queries_idle", idle.ms.size()},
                  {"queries_busy", busy->ms.size()},
                  {"idle_p50_ms", Percentile(idle.ms, 0.5)},
                  {"idle_p99_ms", idle_p99},
                  {"busy_p50_ms", Percentile(busy->ms, 0.5)},
                  {"busy_p99_ms", busy_p99},
                  {"p99_ratio", busy_p99 / idle_p99},
                  {"first_hit_idle", share(idle)},
                  {"first_hit_busy", share(*busy)}};
  if (options.json) {
    fmt::print("{}\n", json.dump());
  } else {
    for (const auto& [name, value] : json.items()) fmt::print("{:<20}{}\n", name, value.dump());
  }
  fs::remove_all(folder, ec);
  return PublishFile(options.out / "live.json", json.dump(2) + "\n");
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  std::string data, out;
  po::options_description flags("Answers while the catalogue is being indexed");
  auto add = flags.add_options();
  add("help", "this text");
  add("data", po::value(&data)->default_value("../shared/data"), "folder of the data sets");
  add("out", po::value(&out)->default_value("build/bench"), "folder for results and a database");
  add("seconds", po::value(&options.seconds)->default_value(options.seconds),
      "of asking, idle and busy each");
  add("json", po::bool_switch(&options.json), "one line of JSON");
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, flags), values);
    po::notify(values);
    if (values.count("help")) {
      std::cout << flags;
      return 0;
    }
  } catch (const std::exception& e) {
    std::cerr << "live bench: " << e.what() << '\n';
    return 2;
  }
  options.data = data;
  options.out = out;
  const inlier::Status status = inlier::Run(options);
  if (!status) std::cerr << "live bench: " << status.error().message << '\n';
  return status ? 0 : 1;
}
