#include "bench/bench.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/progress.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Compares methods on your own data. A DATASET is a folder with a catalogue and queries.csv, or with the
ground truth of the Oxford or Paris buildings, or with the pictures of UKBench. queries.csv has the
columns image, id and tag; an empty id means that the photo shows nothing of the catalogue.

The catalogues of all datasets are indexed together as one gallery. Every photo is queried in this
gallery, in the gallery without the items that it shows, and in its own dataset alone. The command
prints a table, and writes all figures (results.json) and a page to read (report.html) to --out. A run
that was stopped continues: what is already in --out is not computed again.

Methods: sift, surf, orb and brief are our own features, xfeat has local features from a neural network in
their place, and look compares colours. deep is a neural network with a projection that is learnt on the
catalogue, deep-raw is the same network without the projection, deep-nanodet is another network with
regions from a detector, and hybrid has sift, look and deep in one database.
opencv-sift, opencv-rootsift and opencv-orb are our pipeline with OpenCV's features.
Two slow references get only a few photos: exact compares a photo with every item, and
opencv-tutorial runs FLANN and fits a homography for every item.
)";

constexpr std::string_view kExamples = R"(
inlier bench data/covers --methods sift,deep,hybrid --out results
inlier bench data/covers data/books --distractors data/other --stress covers --out results
)";

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Result<BenchOptions> OptionsOf(const Arguments& arguments) {
  BenchOptions options{.out = arguments.Text("out")};
  options.methods = Split(arguments.Text("methods", "sift,surf,orb,brief"));
  INLIER_ASSIGN_OR_RETURN(options.threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(options.set, arguments.Pairs("set"));
  INLIER_RETURN_IF_ERROR(OptionsFrom(arguments, {}));
  const auto& datasets = arguments.operands();
  const auto& distractors = arguments.All("distractors");
  options.datasets.assign(datasets.begin(), datasets.end());
  options.distractors.assign(distractors.begin(), distractors.end());
  if (arguments.Has("stress")) options.corrupted_datasets = Split(arguments.Text("stress"));
  if (arguments.Has("sliders")) options.corruptions = Split(arguments.Text("sliders"));
  INLIER_ASSIGN_OR_RETURN(const auto answers, arguments.Pairs("answers"));
  for (const auto& [name, file] : answers) options.answers.emplace_back(name, file);
  if (arguments.Has("gallery")) options.gallery = arguments.Text("gallery");
  if (arguments.Has("visible")) options.visible = arguments.Text("visible");
  INLIER_ASSIGN_OR_RETURN(options.corruption_scenes,
                          arguments.Number("scenes", options.corruption_scenes, 1, 10'000));
  INLIER_ASSIGN_OR_RETURN(options.seed, arguments.Number("seed", options.seed, 1, 1'000'000));
  INLIER_ASSIGN_OR_RETURN(options.reference_photos,
                          arguments.Number("reference", options.reference_photos, 1, 1'000'000));
  INLIER_ASSIGN_OR_RETURN(options.exact_photos, arguments.Number("exact", 0, 0, 1'000'000));
  options.report = !arguments.Has("no-report");
  return options;
}

// The command as a reader of the report would type it, defaults included.
std::string CommandLine(const BenchOptions& options) {
  std::vector<std::string> datasets;
  for (const auto& folder : options.datasets) datasets.push_back(folder.string());
  std::string line = fmt::format("inlier bench {}", fmt::join(datasets, " "));
  for (const auto& folder : options.distractors) line += " --distractors " + folder.string();
  line +=
      fmt::format(" --methods {} --threads {}", fmt::join(options.methods, ","), options.threads);
  if (!options.corrupted_datasets.empty()) {
    line += fmt::format(" --stress {} --scenes {}", fmt::join(options.corrupted_datasets, ","),
                        options.corruption_scenes);
  }
  if (!options.corruptions.empty()) {
    line += fmt::format(" --sliders {}", fmt::join(options.corruptions, ","));
  }
  for (const auto& [name, file] : options.answers)
    line += " --answers " + name + "=" + file.string();
  for (const auto& [name, value] : options.set) line += " --set " + name + "=" + value;
  return line + " --out " + options.out.string();
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(BenchOptions options, OptionsOf(arguments));
  options.command = CommandLine(options);
  if (!arguments.Has("quiet")) options.notice = [](const std::string& line) { Complain(line); };
  ProgressLine progress(arguments.Has("quiet"));
  options.progress = progress.Function();
  INLIER_ASSIGN_OR_RETURN(const std::string table, RunBench(options));
  Print(table);
  return ExitCode::kDone;
}

std::vector<Flag> Flags() {
  constexpr std::string_view kStress = "STRESS CURVES";
  return {
      {.name = "out",
       .value = "DIR",
       .help = "The folder for results and databases.",
       .required = true},
      {.name = "methods",
       .value = "LIST",
       .help = "The methods to compare, as in sift,deep,hybrid. Default: sift,surf,orb,brief."},
      {.name = "answers",
       .value = "NAME=FILE",
       .help = "A method of your own, NAME in --methods, whose answers are in FILE; "
               "docs/PYTHON.md describes it. May be repeated.",
       .repeats = true},
      {.name = "gallery",
       .value = "FILE",
       .help = "Write the items and photos to FILE, for a method of your own, and stop."},
      {.name = "distractors",
       .value = "DIR",
       .help = "A catalogue that only makes the gallery larger. May be repeated.",
       .repeats = true},
      {.name = "visible",
       .value = "FILE",
       .help = "A table of rows photo,id,verdict, which name further items that a photo shows "
               "(visible) or may show (unclear)."},
      {.name = "reference",
       .value = "N",
       .help = "Give exact and opencv-tutorial N photos of each dataset. Default: 5."},
      {.name = "exact",
       .value = "N",
       .help =
           "Also query N photos of each dataset as 'inlier query --exact' does, and report what "
           "the index loses. Slow."},
      {.name = "seed",
       .value = "N",
       .help = "Draw other synthetic photos to learn from, and other stress scenes. Use another "
               "--out for it, since a projection that is there is kept. Default: 1."},
      {.name = "no-report", .help = "Write no pictures and no report.html."},
      {.name = "stress",
       .value = "LIST",
       .help =
           "Also put the items of these datasets into scenes with growing darkness, blur, angle "
           "and so on.",
       .heading = kStress},
      {.name = "sliders",
       .value = "LIST",
       .help = "Make only these difficulties grow, as in darkness,view. Default: all.",
       .heading = kStress},
      {.name = "scenes",
       .value = "N",
       .help = "Draw N scenes for each level and each of three seeds. Default: 8.",
       .heading = kStress},
      ThreadsFlag("Work on N threads. Default: all cores. Costs are reported for one thread."),
      SetFlag(),
      QuietFlag()};
}

}  // namespace

Command BenchCommand() {
  return {.name = "bench",
          .group = "Research",
          .summary = "Measure accuracy and cost on your own data",
          .operands = {"DATASET…", 1, Operands::kAnyNumber},
          .description = kDescription,
          .flags = Flags(),
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
