// Measures how much longer Engine::Query takes than its answer says, in milliseconds of wall-clock
// time: benchmarks/python_package.py subtracts it from what a query in Python takes.
#include <algorithm>
#include <chrono>
#include <vector>

#include "benchmarks/program.h"
#include "inlier/engine.h"
#include "inlier/image.h"

namespace inlier {
namespace {

using Clock = std::chrono::steady_clock;

Result<std::vector<double>> BeyondTotal_ms(const std::filesystem::path& database,
                                           const std::filesystem::path& photo, int times) {
  INLIER_ASSIGN_OR_RETURN(const auto engine, Engine::Open(database, OpenMode::kRead, {}));
  INLIER_ASSIGN_OR_RETURN(const Image image, ReadImage(photo));
  std::vector<double> beyond_ms;
  for (int i = 0; i < times; ++i) {
    const auto start = Clock::now();
    const auto answer = engine->Query(image);
    if (!answer) return tl::unexpected(answer.error());
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    beyond_ms.push_back(took.count() - answer->timings.total_ms);
  }
  std::ranges::sort(beyond_ms);
  return beyond_ms;
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::CommonOptions common;
  std::filesystem::path database, photo;
  int times = 300;
  po::options_description flags;
  flags.add_options()("db", po::value(&database)->required(), "a database")(
      "photo", po::value(&photo)->required(), "a photo")(
      "times", po::value(&times)->default_value(times), "how often it is asked");
  return inlier::RunProgram("query-clock", argc, argv, flags, common, [&]() -> inlier::Status {
    INLIER_ASSIGN_OR_RETURN(const auto beyond_ms, inlier::BeyondTotal_ms(database, photo, times));
    inlier::PrintResult({{"beyond_ms", beyond_ms}}, true);
    return {};
  });
}
