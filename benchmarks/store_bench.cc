// Measures what a store costs as it grows, without pictures: items of the usual size with random
// features are written, and a reader then fetches items at random, as queries do. It shows what the
// settings of RocksDB in index/store_open.cc are worth: the time to write, the bytes that reach the
// disk, the number of files that are open, and the time to open and to read.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include "benchmarks/made_item.h"
#include "benchmarks/program.h"
#include "core/clock.h"
#include "extractor/sift_coefficients.h"
#include "index/store.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kName = "inlier-bench-store";
constexpr std::size_t kPreview_bytes = 4000;

struct Options : CommonOptions {
  std::size_t items = 10'000, features = 1340, batch = 64, queries = 200;
  double replaced = 0;  // of the items, once all have been written
};

// The bytes that this process has written to disk so far.
std::uint64_t Written_bytes() {
  std::ifstream io("/proc/self/io");
  for (std::string name; io >> name;) {
    std::uint64_t value = 0;
    io >> value;
    if (name == "write_bytes:") return value;
  }
  return 0;
}

std::size_t OpenFiles() {
  const fs::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t Tables(const fs::path& folder) {
  const fs::directory_iterator all(folder);
  return static_cast<std::size_t>(std::count_if(
      begin(all), end(all), [](const auto& entry) { return entry.path().extension() == ".sst"; }));
}

// The cost of the store alone, over all of its threads: what it takes to make the items is left
// out.
struct Cost {
  double wall_ms = 0, cpu_ms = 0;
};

Status WriteItems(const Options& options, Store& store, Cost& cost) {
  const MadeShape shape{options.features, kSiftDims, kPreview_bytes};
  std::mt19937_64 random(options.items);
  const auto total = options.items + static_cast<std::size_t>(options.replaced *
                                                              static_cast<double>(options.items));
  std::size_t next_checkpoint = options.batch;
  for (std::size_t i = 0; i < total;) {
    std::vector<ItemUpdate> batch;
    const double made = ThreadCpu_ms();
    for (; i < total && batch.size() < options.batch; ++i)
      batch.push_back(MadeItem(i % options.items, shape, random));
    cost.cpu_ms -= ThreadCpu_ms() - made;
    const Stopwatch watch;
    INLIER_RETURN_IF_ERROR(store.Put(batch));
    if (i >= next_checkpoint || i == total) {  // as often as an index is published
      INLIER_RETURN_IF_ERROR(store.PutGenerations({}));
      next_checkpoint = 2 * i;
    }
    cost.wall_ms += watch.Wall_ms();
  }
  return {};
}

Result<Json> Write(const Options& options, const fs::path& folder) {
  Cost cost;
  const std::uint64_t before_bytes = Written_bytes();
  const double before_ms = ProcessCpu_ms();
  {
    INLIER_ASSIGN_OR_RETURN(const auto store,
                            Store::Open(folder, OpenMode::kCreate, "", "made items"));
    INLIER_RETURN_IF_ERROR(WriteItems(options, *store, cost));
  }
  cost.cpu_ms += ProcessCpu_ms() - before_ms;
  const auto n = static_cast<double>(options.items);
  return Json{{"items", options.items},
              {"write_wall_ms_per_item", cost.wall_ms / n},
              {"write_cpu_ms_per_item", cost.cpu_ms / n},
              {"written_mb", static_cast<double>(Written_bytes() - before_bytes) / 1e6},
              {"tables", Tables(folder)}};
}

Status Read(const Options& options, const fs::path& folder, Json& result) {
  const std::size_t before = OpenFiles();
  const double start_ms = ProcessCpu_ms();
  INLIER_ASSIGN_OR_RETURN(const auto store, Store::Open(folder, OpenMode::kRead, "", ""));
  result["open_cpu_ms"] = ProcessCpu_ms() - start_ms;
  result["open_files"] = OpenFiles() - before;
  std::mt19937_64 random(7);
  double keypoints_ms = 0, descriptors_ms = 0;
  for (std::size_t q = 0; q < options.queries; ++q) {
    std::vector<FaceNumber> numbers;
    while (numbers.size() < 50)
      numbers.push_back(static_cast<FaceNumber>(random() % options.items));
    const double first = ThreadCpu_ms();
    INLIER_ASSIGN_OR_RETURN(auto faces, store->FetchKeypoints(numbers));
    const double second = ThreadCpu_ms();
    faces.resize(std::min<std::size_t>(faces.size(), 12));
    INLIER_RETURN_IF_ERROR(store->FetchDescriptors(std::move(faces)));
    keypoints_ms += second - first;
    descriptors_ms += ThreadCpu_ms() - second;
  }
  const auto n = static_cast<double>(options.queries);
  result["keypoints_cpu_ms_per_query"] = keypoints_ms / n;
  result["descriptors_cpu_ms_per_query"] = descriptors_ms / n;
  return {};
}

Status Run(const Options& options) {
  const fs::path folder = options.out / "store";
  fs::remove_all(folder);
  INLIER_ASSIGN_OR_RETURN(Json result, Write(options, folder));
  INLIER_RETURN_IF_ERROR(Read(options, folder, result));
  PrintResult(result, options.json);
  return {};
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  po::options_description flags("Measures a store of made items, which it keeps below --out");
  flags.add_options()("items", po::value(&options.items), "the number of items")(
      "features", po::value(&options.features), "of each item")("batch", po::value(&options.batch),
                                                                "items that are written at once")(
      "queries", po::value(&options.queries), "shortlists that are fetched")(
      "replaced", po::value(&options.replaced), "share of the items that are written again");
  return inlier::RunProgram(inlier::kName, argc, argv, flags, options,
                            [&] { return inlier::Run(options); });
}
