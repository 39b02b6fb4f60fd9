// Measures what finding twins costs and names the pairs that it finds, one line of JSON each.
#include <ctime>

#include "benchmarks/program.h"
#include "engine/database_view.h"
#include "engine/recipe.h"
#include "engine/threads.h"
#include "engine/twins.h"

namespace inlier {
namespace {

struct Options : CommonOptions {
  std::string db;
  int threads = 1;
};

double CpuTime_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

// The id of the first item with a face.
Result<std::string> IdOf(const Collection& collection, FaceNumber number) {
  INLIER_ASSIGN_OR_RETURN(const auto face, collection.Face(number));
  if (!face) return std::string();
  INLIER_ASSIGN_OR_RETURN(const auto item, collection.Record(face->owners.front()));
  return item ? item->id : std::string();
}

Status Run(const Options& options) {
  UseSingleThreadedLibraries();
  INLIER_ASSIGN_OR_RETURN(const auto collection,
                          Collection::Open(options.db, {.spaces_of = SpacesOfRecipe}));
  std::vector<FaceNumber> numbers;
  INLIER_RETURN_IF_ERROR(collection->ForEachFace([&](FaceNumber number, const FaceRecord&) {
    numbers.push_back(number);
    return true;
  }));
  const double start_ms = CpuTime_ms();
  INLIER_ASSIGN_OR_RETURN(const auto pairs, FindTwins(DatabaseView(*collection), numbers,
                                                      EngineOptions{}, options.threads));
  const double took_ms = CpuTime_ms() - start_ms;
  for (const TwinFaces& pair : pairs) {
    INLIER_ASSIGN_OR_RETURN(const std::string first, IdOf(*collection, pair.first));
    INLIER_ASSIGN_OR_RETURN(const std::string second, IdOf(*collection, pair.second));
    PrintResult({{"first", first}, {"second", second}, {"likeness", pair.likeness}}, true);
  }
  PrintResult({{"faces", numbers.size()},
               {"pairs", pairs.size()},
               {"cpu_ms_per_face",
                took_ms / static_cast<double>(std::max<std::size_t>(numbers.size(), 1))}},
              true);
  return {};
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  inlier::Options options;
  boost::program_options::options_description flags;
  flags.add_options()("db", boost::program_options::value(&options.db)->required(),
                      "the database whose twins are sought")(
      "threads", boost::program_options::value(&options.threads), "threads, 1 unless given");
  return inlier::RunProgram("inlier-bench-twins", argc, argv, flags, options,
                            [&] { return inlier::Run(options); });
}
