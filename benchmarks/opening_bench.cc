// Measures what it takes to open a large database and to answer a first photo. Items are made up:
// they have fewer features than pictures have, so that a million of them fit a small disk; what
// opening costs grows with the items and with the bytes of the lists. The database stays in OUT for
// the next run. Each way to open it is measured in a process of its own.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include <fmt/format.h>

#include "benchmarks/made_item.h"
#include "benchmarks/program.h"
#include "core/clock.h"
#include "engine/recipe.h"
#include "engine/threads.h"
#include "extractor/sift_coefficients.h"
#include "index/collection.h"
#include "inlier/engine.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::size_t kItemsPerBatch = 2000;
constexpr std::size_t kPreview_bytes = 300;

struct Options : CommonOptions {
  std::size_t items = 1'000'000, features = 60;
  int threads = 2;
  fs::path photo;
};

Status Build(const Options& options, const fs::path& folder) {
  INLIER_ASSIGN_OR_RETURN(const auto collection,
                          Collection::Open(folder, {.mode = OpenMode::kCreate,
                                                    .recipe = Recipe({}),
                                                    .spaces_of = SpacesOfRecipe,
                                                    .threads = options.threads}));
  const MadeShape shape{options.features, kSiftCoefficients, kPreview_bytes};
  std::mt19937_64 random(1);
  for (std::size_t i = collection->ItemLimit(); i < options.items;) {
    std::vector<ItemUpdate> batch;
    for (; i < options.items && batch.size() < kItemsPerBatch; ++i)
      batch.push_back(MadeItem(i, shape, random));
    INLIER_RETURN_IF_ERROR(collection->Put(batch));
    if (collection->CheckpointDue()) INLIER_RETURN_IF_ERROR(collection->Checkpoint());
  }
  return collection->Checkpoint();
}

double Resident_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmRSS:" && status >> kilobytes) return kilobytes / 1000;
  }
  return 0;
}

// Opens the database and answers a photo twice.
Status Measure(const Options& options, const fs::path& folder, bool lazily) {
  UseSingleThreadedLibraries();
  const Stopwatch watch;
  INLIER_ASSIGN_OR_RETURN(
      const auto engine,
      Engine::Open(folder, OpenMode::kRead,
                   {.memory_bytes = lazily ? 0 : static_cast<std::uint64_t>(-1)}));
  Json result{{"items", options.items},
              {"features", options.features},
              {"lazily", lazily},
              {"open_s", watch.Wall_ms() / 1000},
              {"open_mb", Resident_mb()}};
  INLIER_RETURN_IF_ERROR(engine->Query(options.photo, {}));
  result["answer_s"] = watch.Wall_ms() / 1000;
  result["answer_mb"] = Resident_mb();
  const Stopwatch again;
  INLIER_RETURN_IF_ERROR(engine->Query(options.photo, {}));
  result["again_s"] = again.Wall_ms() / 1000;
  PrintResult(result, options.json);
  return WriteResult(options.out / (lazily ? "opening-lazily.json" : "opening.json"), result);
}

// Does the work in a process of its own, so that nothing is in memory when the next one begins.
Status InChild(const std::function<Status()>& work) {
  const pid_t child = fork();
  if (child < 0) return Fail(ErrorCode::kIo, "fork failed");
  if (child == 0) {
    const Status done = work();
    if (!done) fmt::print(stderr, "inlier-bench-opening: {}\n", done.error().message);
    std::fflush(nullptr);
    _exit(done ? 0 : 1);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Fail(ErrorCode::kIo, "a part of the measurement failed");
  return {};
}

Status Run(Options options) {
  if (options.photo.empty())
    options.photo = options.data / "smvs-dvd" / "queries" / "droid_001.jpg";
  if (!fs::exists(options.photo))
    return Fail(ErrorCode::kNotFound, options.photo.string() + ": no such photo (give --photo)");
  const fs::path folder = options.out / fmt::format("opening-{}.db", options.items);
  INLIER_RETURN_IF_ERROR(InChild([&] { return Build(options, folder); }));
  for (const bool lazily : {true, false})
    INLIER_RETURN_IF_ERROR(InChild([&] { return Measure(options, folder, lazily); }));
  return {};
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  po::options_description flags("Opening a large database");
  auto add = flags.add_options();
  add("items", po::value(&options.items)->default_value(options.items), "how many to make up");
  add("features", po::value(&options.features)->default_value(options.features), "of an item");
  add("threads", po::value(&options.threads)->default_value(options.threads), "to build on");
  add("photo", po::value(&options.photo), "that is asked (default: one of the data sets)");
  return inlier::RunProgram("inlier-bench-opening", argc, argv, flags, options,
                            [&options] { return inlier::Run(options); });
}
