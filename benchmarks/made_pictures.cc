// Writes pictures that show nothing of the data sets, to fill up a gallery: collages of the
// distractors (benchmarks/collage.h). Pictures that are there already stay.
#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>

#include "bench/gallery.h"
#include "benchmarks/collage.h"
#include "benchmarks/program.h"
#include "core/mat.h"
#include "core/parallel.h"
#include "engine/threads.h"

namespace inlier {
namespace {

struct Options : CommonOptions {
  std::size_t count = 1000;
  int threads = 2;
};

Status Run(const Options& options) {
  UseSingleThreadedLibraries();
  INLIER_ASSIGN_OR_RETURN(const Gallery gallery, ReadGallery({}, {options.data / "distractors"}));
  INLIER_ASSIGN_OR_RETURN(const Collages collages, ReadCollages(gallery.catalogue));
  std::vector<char> failed(options.count, 0);
  ParallelFor(options.count, options.threads, [&](std::size_t i) {
    const auto path = options.out / fmt::format("{:07}.jpg", i);
    if (std::filesystem::exists(path)) return;
    const Image picture = collages.Make(i);
    failed[i] = cv::imwrite(path.string(), AsMat(picture)) ? 0 : 1;
  });
  for (std::size_t i = 0; i < options.count; ++i) {
    if (failed[i]) return Fail(ErrorCode::kIo, fmt::format("picture {} cannot be written", i));
  }
  return {};
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  po::options_description flags("Pictures to fill up a gallery");
  auto add = flags.add_options();
  add("count", po::value(&options.count)->default_value(options.count), "how many");
  add("threads", po::value(&options.threads)->default_value(options.threads), "to work on");
  return inlier::RunProgram("inlier-made-pictures", argc, argv, flags, options,
                            [&options] { return inlier::Run(options); });
}
