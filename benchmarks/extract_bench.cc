// Our extractors against other people's: the same images, the same budget, one thread, the two
// sides in turn. Right matches are counted first, and a side that has none is not timed.
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <map>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "bench/gallery.h"
#include "bench/metrics.h"
#include "bench/opencv_extractors.h"
#include "benchmarks/affine.h"
#include "benchmarks/dlib_surf.h"
#include "core/clock.h"
#include "core/file.h"
#include "engine/threads.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct Options {
  fs::path data, out;
  std::vector<int> sides_px;
  std::vector<std::string> methods;
  int features = 1000, photos = 24, rounds = 5;
  double their_contrast = 0;
  bool json = false;
};

// Ours → theirs.
const std::map<std::string, std::string> kOracle = {
    {"sift", "opencv-sift"}, {"surf", "dlib-surf"}, {"orb", "opencv-orb"}, {"brief", "opencv-orb"}};

// Photos of all data sets, evenly drawn from each table.
Result<std::vector<Image>> ReadPhotos(const fs::path& data, int count) {
  std::vector<Image> photos;
  std::vector<fs::path> sets;
  for (const char* name :
       {"smvs-dvd", "smvs-book", "smvs-museum", "smvs-landmark", "grocery", "fashion"}) {
    if (fs::exists(data / name / "queries.csv")) sets.push_back(data / name);
  }
  if (sets.empty()) return Fail(ErrorCode::kNotFound, data.string() + ": no data sets");
  INLIER_ASSIGN_OR_RETURN(const Gallery gallery, ReadGallery(sets, {}));
  const std::size_t each = std::max<std::size_t>(1, static_cast<std::size_t>(count) / sets.size());
  for (const std::string& set : gallery.datasets) {
    std::vector<const BenchPhoto*> of_set;
    for (const BenchPhoto& photo : gallery.photos) {
      if (photo.dataset == set) of_set.push_back(&photo);
    }
    for (std::size_t i = 0; i < each && i < of_set.size(); ++i) {
      INLIER_ASSIGN_OR_RETURN(const Image image,
                              ReadImage(of_set[i * of_set.size() / each]->image));
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

Result<Side> MakeSide(const Options& options, const std::string& name, bool theirs) {
  ExtractorOptions extract{
      .method = name, .max_features = options.features, .max_side_px = 8000, .min_side_px = 0};
  if (theirs && options.their_contrast > 0) extract.contrast_threshold = options.their_contrast;
  Side side{.name = name};
  INLIER_ASSIGN_OR_RETURN(side.extractor, CreateExtractor(extract));
  return side;
}

// Mean over the photos of the median over the rounds, ours and theirs.
std::array<double, 2> Time_ms(const std::array<Side, 2>& sides, const std::vector<Image>& photos,
                              int rounds) {
  std::array<double, 2> sum{};
  for (const Image& photo : photos) {
    std::array<std::vector<double>, 2> spent;
    for (int round = 0; round <= rounds; ++round) {
      for (std::size_t s = 0; s < 2; ++s) {
        const double start = ThreadCpu_ms();
        const Features features = sides[s].extractor->Extract(photo);
        if (round > 0) spent[s].push_back(ThreadCpu_ms() - start);  // the first warms up
      }
    }
    for (std::size_t s = 0; s < 2; ++s)
      sum[s] += Median(spent[s]) / static_cast<double>(photos.size());
  }
  return sum;
}

Status Run(const Options& options) {
  KeepFreedMemory();  // for both sides: OpenCV's gains more
  UseSingleThreadedLibraries();
  AddOpenCvExtractors();
  AddMethod("dlib-surf", MakeDlibSurf);
  INLIER_ASSIGN_OR_RETURN(const AffineSet affine, ReadAffineSet(options.data / "oxford-affine"));
  INLIER_ASSIGN_OR_RETURN(const std::vector<Image> photos,
                          ReadPhotos(options.data, options.photos));
  Json results{
      {"features", options.features}, {"photos", photos.size()}, {"methods", Json::array()}};
  for (const std::string& method : options.methods) {
    const auto oracle = kOracle.find(method);
    if (oracle == kOracle.end())
      return Fail(ErrorCode::kInvalidArgument, "no other side for '" + method + "'");
    INLIER_ASSIGN_OR_RETURN(Side ours, MakeSide(options, method, false));
    INLIER_ASSIGN_OR_RETURN(Side theirs, MakeSide(options, oracle->second, true));
    std::array<Side, 2> sides{std::move(ours), std::move(theirs)};
    Json pairs = Json::array();
    for (Side& side : sides) {
      side.Count(affine);
      if (side.correct == 0)
        return Fail(ErrorCode::kInvalidArgument, side.name + " has no right match: not timed");
    }
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
    Json entry{
        {"method", method}, {"theirs", sides[1].name}, {"sides", Json::array()}, {"pairs", pairs}};
    if (!options.json) {
      fmt::print("{} against {}, right matches and precision on each pair:\n", method,
                 sides[1].name);
      for (const Json& p : pairs) {
        fmt::print("  {:8}{:5}{:>8}{:>8.3f}{:>10}{:>8.3f}\n", p["scene"].get<std::string>(),
                   p["pair"].get<std::string>(), p["correct_matches"].get<int>(),
                   p["precision"].get<double>(), p["theirs_correct_matches"].get<int>(),
                   p["theirs_precision"].get<double>());
      }
      fmt::print("  all          {:>8}{:>8.3f}{:>10}{:>8.3f}\n", sides[0].correct,
                 sides[0].precision(), sides[1].correct, sides[1].precision());
    }
    for (const int side_px : options.sides_px) {
      std::vector<Image> resized;
      for (const Image& photo : photos) resized.push_back(ResizeLongSide(photo, side_px));
      const auto [ours_ms, theirs_ms] = Time_ms(sides, resized, options.rounds);
      const Json line{{"method", method},
                      {"side", side_px},
                      {"ours_ms", ours_ms},
                      {"theirs_ms", theirs_ms},
                      {"correct_matches", sides[0].correct},
                      {"theirs_correct_matches", sides[1].correct},
                      {"precision", sides[0].precision()},
                      {"theirs_precision", sides[1].precision()}};
      if (options.json) {
        fmt::print("{}\n", line.dump());
      } else {
        fmt::print("  {:>5} px: {:.2f} ms against {:.2f} ms, ratio 1/{:.1f}\n", side_px, ours_ms,
                   theirs_ms, theirs_ms / ours_ms);
      }
      std::fflush(stdout);
      entry["sides"].push_back(line);
    }
    results["methods"].push_back(entry);
  }
  if (options.out.empty()) return {};
  std::error_code ec;
  fs::create_directories(options.out, ec);
  return PublishFile(options.out / "extract.json", results.dump(2) + "\n");
}

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts{""};
  for (const char c : list) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

}  // namespace
}  // namespace inlier

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  inlier::Options options;
  std::string data, out, sides, methods;
  po::options_description flags("Extractors against other people's, one thread");
  auto add = flags.add_options();
  add("help", "this text");
  add("data", po::value(&data)->default_value("../shared/data"), "folder of the data sets");
  add("out", po::value(&out), "folder for extract.json");
  add("methods", po::value(&methods)->default_value("sift,surf,orb,brief"),
      "our methods to measure");
  add("sides", po::value(&sides)->default_value("640,1024"), "long sides to time at, in pixels");
  add("features", po::value(&options.features)->default_value(options.features),
      "budget of both sides");
  add("photos", po::value(&options.photos)->default_value(options.photos), "photos to time on");
  add("rounds", po::value(&options.rounds)->default_value(options.rounds),
      "times each photo is extracted");
  add("their-contrast", po::value(&options.their_contrast),
      "contrast threshold of OpenCV's SIFT; as ours when not given (its own default is 0.04)");
  add("json", po::bool_switch(&options.json), "one line of JSON for each method and side");
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, flags), values);
    po::notify(values);
    if (values.count("help")) {
      std::cout << flags;
      return 0;
    }
    for (const std::string& side : inlier::Split(sides))
      options.sides_px.push_back(std::stoi(side));
  } catch (const std::exception& e) {
    std::cerr << "extract bench: " << e.what() << '\n';
    return 2;
  }
  options.data = data;
  options.out = out;
  options.methods = inlier::Split(methods);
  const inlier::Status status = inlier::Run(options);
  if (!status) std::cerr << "extract bench: " << status.error().message << '\n';
  return status ? 0 : 1;
}
