// Measures what the detector and the embedding of the method deep cost on one thread.
#include <algorithm>
#include <utility>

#include "bench/metrics.h"
#include "benchmarks/program.h"
#include "core/clock.h"
#include "core/image.h"
#include "deep/deep_model.h"
#include "engine/queries.h"
#include "engine/threads.h"
#include "inlier/catalogue.h"

namespace inlier {
namespace {

namespace po = boost::program_options;

struct Options : CommonOptions {
  std::string set = "smvs-dvd", model;
  int photos = 20, rounds = 3;
};

// The median CPU time of `body` over all images and rounds.
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

// Reads up to `options.photos` photos, evenly spaced over the table of the data set.
Result<std::vector<Image>> ReadPhotos(const Options& options) {
  INLIER_ASSIGN_OR_RETURN(const auto queries,
                          ReadQueries(options.data / options.set / "queries.csv"));
  const auto count = static_cast<std::size_t>(std::max(options.photos, 1));
  const std::size_t step = std::max<std::size_t>(queries.size() / count, 1);
  std::vector<Image> images;
  for (std::size_t i = 0; i < queries.size() && images.size() < count; ++i) {
    auto image = ReadImage(queries[i * step % queries.size()].image);
    if (image) images.push_back(std::move(*image));
  }
  if (images.empty()) return Fail(ErrorCode::kNotFound, "no photos in " + options.set);
  return images;
}

Status Run(const Options& options) {
  UseSingleThreadedLibraries();
  INLIER_ASSIGN_OR_RETURN(const auto model, DeepModel::Load(options.model));
  INLIER_ASSIGN_OR_RETURN(const std::vector<Image> images, ReadPhotos(options));
  double regions = 0;
  for (const Image& image : images)
    regions +=
        static_cast<double>(model->Regions(image).size()) / static_cast<double>(images.size());
  const double detect_ms = Median_ms(images, options.rounds, [&](const Image& image) {
    static_cast<void>(model->Regions(image));
  });
  const double embed_ms = Median_ms(images, options.rounds, [&](const Image& image) {
    static_cast<void>(model->embedder().Embed(image, WholeImage(image)));
  });
  const nlohmann::ordered_json result = {{"model", model->config().name},
                                         {"photos", images.size()},
                                         {"regions", regions},
                                         {"detect_ms", detect_ms},
                                         {"embed_ms", embed_ms}};
  PrintResult(result, options.json);
  return WriteResult(options.out / "deep.json", result);
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  inlier::Options options;
  inlier::po::options_description flags("What method deep costs on one thread");
  auto add = flags.add_options();
  add("set", inlier::po::value(&options.set)->default_value(options.set), "data set to ask");
  add("model", inlier::po::value(&options.model)->default_value(""),
      "model, as deep_model takes it");
  add("photos", inlier::po::value(&options.photos)->default_value(options.photos),
      "photos to time on");
  add("rounds", inlier::po::value(&options.rounds)->default_value(options.rounds),
      "times that each photo is timed");
  return inlier::RunProgram("inlier-bench-deep", argc, argv, flags, options,
                            [&options] { return inlier::Run(options); });
}
