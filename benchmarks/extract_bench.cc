// Compares our extractors with those of other libraries. Both sides get the same images, the same
// budget of features and one thread, and they take turns. Their correct matches are counted first,
// and a comparison in which one side has none is not timed.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include <fmt/format.h>

#include "bench/gallery.h"
#include "bench/metrics.h"
#include "bench/opencv_extractors.h"
#include "benchmarks/affine.h"
#include "benchmarks/dlib_surf.h"
#include "benchmarks/program.h"
#include "core/clock.h"
#include "engine/threads.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct Options : CommonOptions {
  std::vector<int> sides_px;
  std::vector<std::string> methods;
  int features = 1000, photos = 24, rounds = 5;
  double their_contrast = 0;
};

// For each of our extractors, the one that it is compared with.
const std::map<std::string, std::string> kTheirs = {
    {"sift", "opencv-sift"}, {"surf", "dlib-surf"}, {"orb", "opencv-orb"}, {"brief", "opencv-orb"}};

// Reads photos of all data sets in grey, evenly spaced over each table.
Result<std::vector<Image>> ReadPhotos(const fs::path& data, int count) {
  const std::vector<fs::path> sets = DataSetsIn(data);
  if (sets.empty()) return Fail(ErrorCode::kNotFound, data.string() + ": no data sets");
  INLIER_ASSIGN_OR_RETURN(const Gallery gallery, ReadGallery(sets, {}));
  const std::size_t each = std::max<std::size_t>(1, static_cast<std::size_t>(count) / sets.size());
  std::vector<Image> photos;
  for (const Dataset& set : gallery.datasets) {
    for (std::size_t i = 0; i < each && i < set.photos.size(); ++i) {
      INLIER_ASSIGN_OR_RETURN(const Image image,
                              ReadImage(set.photos[i * set.photos.size() / each].image));
      photos.push_back(ToGrey(image));
    }
  }
  return photos;
}

struct Side {
  std::string name;
  std::unique_ptr<Extractor> extractor;
  std::vector<MatchCount> pairs;
  std::size_t matches = 0, correct = 0;

  void Count(const AffineSet& set) {
    std::vector<Features> features;
    for (const Image& image : set.images) features.push_back(extractor->Extract(image));
    for (const AffinePair& pair : set.pairs) {
      pairs.push_back(
          CountMatches(features[pair.first], features[pair.second], pair.second_from_first));
      matches += pairs.back().matches;
      correct += pairs.back().correct;
    }
  }
  double precision() const {
    return matches ? static_cast<double>(correct) / static_cast<double>(matches) : 0;
  }
};

using Sides = std::array<Side, 2>;  // ours and theirs

Result<Side> MakeSide(const Options& options, const std::string& name, bool theirs) {
  ExtractorOptions extract{
      .method = name, .max_features = options.features, .max_side_px = 8000, .min_side_px = 0};
  if (theirs && options.their_contrast > 0) extract.contrast_threshold = options.their_contrast;
  Side side{.name = name};
  INLIER_ASSIGN_OR_RETURN(side.extractor, CreateExtractor(extract));
  return side;
}

// Creates both sides of a method and counts their matches.
Result<Sides> MakeSides(const Options& options, const AffineSet& affine,
                        const std::string& method) {
  const auto theirs_of = kTheirs.find(method);
  if (theirs_of == kTheirs.end())
    return Fail(ErrorCode::kInvalidArgument, "there is nothing to compare '" + method + "' with");
  INLIER_ASSIGN_OR_RETURN(Side ours, MakeSide(options, method, false));
  INLIER_ASSIGN_OR_RETURN(Side theirs, MakeSide(options, theirs_of->second, true));
  Sides sides{std::move(ours), std::move(theirs)};
  for (Side& side : sides) {
    side.Count(affine);
    if (side.correct == 0) {
      return Fail(ErrorCode::kInvalidArgument,
                  side.name + " has no right match, so it is not timed");
    }
  }
  return sides;
}

// Times extractors in turn: the median over the rounds for each photo, then the mean over the
// photos.
std::vector<double> Time_ms(std::span<const Extractor* const> extractors,
                            const std::vector<Image>& photos, int rounds) {
  std::vector<double> sum(extractors.size());
  for (const Image& photo : photos) {
    std::vector<std::vector<double>> spent(extractors.size());
    for (int round = 0; round <= rounds; ++round) {
      for (std::size_t s = 0; s < extractors.size(); ++s) {
        const double start = ThreadCpu_ms();
        const Features features = extractors[s]->Extract(photo);
        if (round > 0) spent[s].push_back(ThreadCpu_ms() - start);  // the first round warms up
      }
    }
    for (std::size_t s = 0; s < extractors.size(); ++s)
      sum[s] += Median(spent[s]) / static_cast<double>(photos.size());
  }
  return sum;
}

Json PairsOf(const Sides& sides, const AffineSet& affine) {
  Json pairs = Json::array();
  for (std::size_t i = 0; i < affine.pairs.size(); ++i) {
    const auto precision = [i](const Side& s) {
      return static_cast<double>(s.pairs[i].correct) /
             static_cast<double>(std::max<std::size_t>(s.pairs[i].matches, 1));
    };
    pairs.push_back({{"scene", affine.pairs[i].scene},
                     {"pair", fmt::format("1-{}", affine.pairs[i].number)},
                     {"correct_matches", sides[0].pairs[i].correct},
                     {"precision", precision(sides[0])},
                     {"theirs_correct_matches", sides[1].pairs[i].correct},
                     {"theirs_precision", precision(sides[1])}});
  }
  return pairs;
}

void PrintPairs(const Sides& sides, const Json& pairs) {
  fmt::print("{} against {}, right matches and precision on each pair:\n", sides[0].name,
             sides[1].name);
  for (const Json& p : pairs) {
    fmt::print("  {:8}{:5}{:>8}{:>8.3f}{:>10}{:>8.3f}\n", p["scene"].get<std::string>(),
               p["pair"].get<std::string>(), p["correct_matches"].get<int>(),
               p["precision"].get<double>(), p["theirs_correct_matches"].get<int>(),
               p["theirs_precision"].get<double>());
  }
  fmt::print("  all          {:>8}{:>8.3f}{:>10}{:>8.3f}\n", sides[0].correct, sides[0].precision(),
             sides[1].correct, sides[1].precision());
}

// Times both sides, and ours with the options of a query, on photos of one size, and prints the
// result.
Json TimeAt(int side_px, const Sides& sides, const Extractor& of_query,
            const std::vector<Image>& photos, const Options& options) {
  std::vector<Image> resized;
  for (const Image& photo : photos) resized.push_back(ResizeLongSide(photo, side_px));
  const std::array<const Extractor*, 3> extractors{sides[0].extractor.get(),
                                                   sides[1].extractor.get(), &of_query};
  const std::vector<double> times = Time_ms(extractors, resized, options.rounds);
  const double ours_ms = times[0], theirs_ms = times[1], query_ms = times[2];
  Json result{{"method", sides[0].name},
              {"side", side_px},
              {"ours_ms", ours_ms},
              {"theirs_ms", theirs_ms},
              {"query_ms", query_ms},
              {"correct_matches", sides[0].correct},
              {"theirs_correct_matches", sides[1].correct},
              {"precision", sides[0].precision()},
              {"theirs_precision", sides[1].precision()}};
  if (options.json) {
    PrintResult(result, true);
  } else {
    fmt::print("  {:>5} px: {:.2f} ms against {:.2f} ms, ratio 1/{:.1f}; as a query {:.2f} ms\n",
               side_px, ours_ms, theirs_ms, theirs_ms / ours_ms, query_ms);
    std::fflush(stdout);
  }
  return result;
}

Status Run(const Options& options) {
  KeepFreedMemory();  // helps both sides, and OpenCV more than ours
  UseSingleThreadedLibraries();
  AddOpenCvExtractors();
  AddMethod("dlib-surf", MakeDlibSurf);
  INLIER_ASSIGN_OR_RETURN(const AffineSet affine, ReadAffineSet(options.data / "oxford-affine"));
  INLIER_ASSIGN_OR_RETURN(const std::vector<Image> photos,
                          ReadPhotos(options.data, options.photos));
  Json results{
      {"features", options.features}, {"photos", photos.size()}, {"methods", Json::array()}};
  for (const std::string& method : options.methods) {
    INLIER_ASSIGN_OR_RETURN(const Sides sides, MakeSides(options, affine, method));
    INLIER_ASSIGN_OR_RETURN(const auto of_query, CreateExtractor({.method = method}));
    const Json pairs = PairsOf(sides, affine);
    if (!options.json) PrintPairs(sides, pairs);
    Json entry{
        {"method", method}, {"theirs", sides[1].name}, {"sides", Json::array()}, {"pairs", pairs}};
    for (const int side_px : options.sides_px)
      entry["sides"].push_back(TimeAt(side_px, sides, *of_query, photos, options));
    results["methods"].push_back(entry);
  }
  return WriteResult(options.out / "extract.json", results);
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  std::string sides, methods;
  po::options_description flags("Our extractors beside those of others, on one thread");
  auto add = flags.add_options();
  add("methods", po::value(&methods)->default_value("sift,surf,orb,brief"),
      "our methods to measure");
  add("sides", po::value(&sides)->default_value("640,1024"), "long sides to time at, in pixels");
  add("features", po::value(&options.features)->default_value(options.features),
      "budget of both sides");
  add("photos", po::value(&options.photos)->default_value(options.photos), "photos to time on");
  add("rounds", po::value(&options.rounds)->default_value(options.rounds),
      "times that each photo is extracted");
  add("their-contrast", po::value(&options.their_contrast),
      "contrast threshold of OpenCV's SIFT; ours unless given (its own default is 0.04)");
  return inlier::RunProgram("inlier-bench-extract", argc, argv, flags, options, [&] {
    options.methods = inlier::SplitAtCommas(methods);
    for (const std::string& side : inlier::SplitAtCommas(sides))
      options.sides_px.push_back(std::stoi(side));
    return inlier::Run(options);
  });
}
