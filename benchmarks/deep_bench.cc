// What detector and embedding of method deep cost, one thread.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <utility>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "bench/metrics.h"
#include "core/clock.h"
#include "core/image.h"
#include "deep/deep_model.h"
#include "engine/queries.h"
#include "engine/threads.h"
#include "inlier/catalogue.h"

namespace inlier {
namespace {

// The middle of the CPU times of `body` over all images.
template <class Body>
double Median_ms(const std::vector<Image>& images, int rounds, const Body& body) {
  std::vector<double> times_ms;
  for (int round = 0; round < rounds; ++round) {
    for (const Image& image : images) {
      const double start_ms = ThreadCpu_ms();
      body(image);
      times_ms.push_back(ThreadCpu_ms() - start_ms);
    }
  }
  return Median(std::move(times_ms));
}

int Run(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description table;
  std::string data, out, set, model_name;
  int photos = 0, rounds = 0;
  table.add_options()("data", po::value(&data)->required())(
      "out", po::value(&out)->default_value("build/bench"))(
      "set", po::value(&set)->default_value("smvs-dvd"))(
      "model", po::value(&model_name)->default_value(""))("photos",
                                                          po::value(&photos)->default_value(20))(
      "rounds", po::value(&rounds)->default_value(3))("json", "");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, table), given);
  po::notify(given);
  UseSingleThreadedLibraries();
  const auto model = DeepModel::Load(model_name);
  if (!model) {
    std::cerr << "bench: " << model.error().message << '\n';
    return 1;
  }
  const auto queries = ReadQueries(std::filesystem::path(data) / set / "queries.csv");
  if (!queries) {
    std::cerr << "bench: " << queries.error().message << '\n';
    return 1;
  }
  std::vector<Image> images;
  for (std::size_t i = 0; i < queries->size() && images.size() < static_cast<std::size_t>(photos);
       ++i) {
    auto image = ReadImage(
        (*queries)[i *
                   std::max<std::size_t>(
                       queries->size() / static_cast<std::size_t>(std::max(photos, 1)), 1) %
                   queries->size()]
            .image);
    if (image) images.push_back(std::move(*image));
  }
  if (images.empty()) {
    std::cerr << "bench: no photos in " << set << '\n';
    return 1;
  }
  double regions = 0;
  for (const Image& image : images)
    regions +=
        static_cast<double>((*model)->Regions(image).size()) / static_cast<double>(images.size());
  const nlohmann::ordered_json result = {
      {"model", (*model)->config().name},
      {"photos", images.size()},
      {"regions", regions},
      {"detect_ms",
       Median_ms(images, rounds,
                 [&](const Image& image) { static_cast<void>((*model)->Regions(image)); })},
      {"embed_ms", Median_ms(images, rounds, [&](const Image& image) {
         static_cast<void>((*model)->embedder().Embed(image, WholeImage(image)));
       })}};
  std::filesystem::create_directories(out);
  std::ofstream(std::filesystem::path(out) / "deep.json") << result.dump(2) << '\n';
  if (given.contains("json")) {
    std::cout << result.dump() << '\n';
  } else {
    for (const auto& [name, value] : result.items())
      std::cout << name << "  " << value.dump() << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  try {
    return inlier::Run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "bench: " << e.what() << '\n';
    return 2;
  }
}
