#include "bench/bench.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/progress.h"

namespace inlier::cli {
namespace {

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Result<ExitCode> Run(const Arguments& arguments) {
  BenchOptions options{.out = arguments.Text("out")};
  options.methods = arguments.Has("methods")
                        ? Split(arguments.Text("methods"))
                        : std::vector<std::string>{"sift", "surf", "orb", "brief"};
  INLIER_ASSIGN_OR_RETURN(options.threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(options.set, arguments.Pairs("set"));
  INLIER_RETURN_IF_ERROR(OptionsFrom(arguments, {}));
  const auto& datasets = arguments.operands();
  const auto& distractors = arguments.All("distractors");
  options.datasets.assign(datasets.begin(), datasets.end());
  options.distractors.assign(distractors.begin(), distractors.end());
  if (arguments.Has("stress")) options.corrupted_datasets = Split(arguments.Text("stress"));
  if (arguments.Has("sliders")) options.corruptions = Split(arguments.Text("sliders"));
  if (arguments.Has("visible")) options.visible = arguments.Text("visible");
  INLIER_ASSIGN_OR_RETURN(options.corruption_scenes,
                          arguments.Number("scenes", options.corruption_scenes, 1, 10'000));
  INLIER_ASSIGN_OR_RETURN(options.seed, arguments.Number("seed", options.seed, 1, 1'000'000));
  INLIER_ASSIGN_OR_RETURN(options.reference_photos,
                          arguments.Number("reference", options.reference_photos, 1, 1'000'000));
  INLIER_ASSIGN_OR_RETURN(options.exact_photos, arguments.Number("exact", 0, 0, 1'000'000));
  options.report = !arguments.Has("no-report");
  options.command = "inlier bench " + fmt::format("{}", fmt::join(datasets, " "));
  for (const auto& folder : distractors) options.command += " --distractors " + folder;
  options.command +=
      fmt::format(" --methods {} --threads {}", fmt::join(options.methods, ","), options.threads);
  if (!options.corrupted_datasets.empty())
    options.command +=
        fmt::format(" --stress {} --scenes {}", fmt::join(options.corrupted_datasets, ","),
                    options.corruption_scenes);
  if (!options.corruptions.empty())
    options.command += fmt::format(" --sliders {}", fmt::join(options.corruptions, ","));
  for (const auto& [name, value] : options.set) options.command += " --set " + name + "=" + value;
  options.command += " --out " + options.out.string();
  if (!arguments.Has("quiet")) options.notice = [](const std::string& line) { Complain(line); };
  ProgressLine progress(arguments.Has("quiet"));
  options.progress = [&progress](const Progress& p) { progress.Update(p.stage, p.done, p.total); };
  INLIER_ASSIGN_OR_RETURN(const std::string table, RunBench(options));
  Print(table);
  return ExitCode::kDone;
}

}  // namespace

Command BenchCommand() {
  return {
      .name = "bench",
      .group = "Research",
      .summary = "Measure accuracy and cost on your own data",
      .operands = "DATASET…",
      .description =
          "A DATASET is a folder with a catalogue and queries.csv (columns image, id and tag; an "
          "empty id means that "
          "the photo shows nothing of the catalogue), with the ground truth of the Oxford and "
          "Paris buildings, or with "
          "the pictures of UKBench. All catalogues together are indexed as one gallery. Every "
          "photo is asked in it, in "
          "it without what the photo shows, and in its own dataset alone. Prints a table; writes "
          "all figures to --out "
          "(results.json) and a page to read (report.html). What is in --out from a run that was "
          "stopped is not done "
          "anew.\n\n"
          "Methods: sift, surf, orb, brief; deep, a convolutional network with a projection "
          "learned on the catalogue; "
          "deep-raw, the same as it comes; hybrid, sift and deep as one; opencv-sift, "
          "opencv-rootsift and opencv-orb, our "
          "pipeline with OpenCV's features; and on a few photos exact, looking at every item, and "
          "opencv-tutorial, FLANN "
          "and a homography for each item.",
      .flags =
          {{.name = "out",
            .value = "DIR",
            .help = "Folder for results and databases.",
            .required = true},
           {.name = "distractors",
            .value = "DIR",
            .help = "A catalogue that only makes the gallery larger. May be repeated.",
            .repeats = true},
           {.name = "methods",
            .value = "LIST",
            .help = "Methods to compare, as sift,deep,hybrid. Default: sift,surf,orb,brief."},
           {.name = "stress",
            .value = "LIST",
            .help = "Datasets whose items are also put into scenes with growing darkness, "
                    "blur, angle and so on."},
           {.name = "sliders",
            .value = "LIST",
            .help = "Which of them, as darkness,view. Default: all."},
           {.name = "scenes",
            .value = "N",
            .help = "Scenes of a stress level, times three seeds. Default: 8."},
           {.name = "seed",
            .value = "N",
            .help = "Other synthetic photos to learn from (with an --out of its own), other stress "
                    "scenes. Default: 1."},
           {.name = "visible",
            .value = "FILE",
            .help = "Rows photo,id,verdict: other items that a photo truly shows "
                    "(visible) or may show (unclear)."},
           {.name = "reference",
            .value = "N",
            .help = "Photos of each dataset that exact and opencv-tutorial are asked. Default: 5."},
           {.name = "exact",
            .value = "N",
            .help = "Also ask N photos of each dataset exactly, as 'inlier query --exact' "
                    "does, and say what the index loses. Slow."},
           {.name = "no-report", .help = "Write no pictures and no report.html."},
           ThreadsFlag("Work on N threads. Default: all cores. Figures of cost are per thread."),
           SetFlag(),
           QuietFlag()},
      .examples =
          "inlier bench data/covers --methods sift,deep,hybrid --out results\n"
          "inlier bench data/covers data/books --distractors data/other --stress covers --out "
          "results",
      .min_operands = 1,
      .max_operands = static_cast<std::size_t>(-1),
      .run = Run};
}

}  // namespace inlier::cli
