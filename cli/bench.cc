#include "benchmarks/bench.h"

#include <algorithm>

#include <fmt/format.h>

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
  options.methods = arguments.Has("methods") ? Split(arguments.Text("methods")) : MethodNames();
  INLIER_ASSIGN_OR_RETURN(options.threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(options.set, arguments.Pairs("set"));
  INLIER_RETURN_IF_ERROR(OptionsFrom(arguments, {}));
  const auto& datasets = arguments.operands();
  const auto& distractors = arguments.All("distractors");
  options.datasets.assign(datasets.begin(), datasets.end());
  options.distractors.assign(distractors.begin(), distractors.end());
  INLIER_ASSIGN_OR_RETURN(options.exact_photos, arguments.Number("exact", 0, 0, 1'000'000));
  ProgressLine progress(arguments.Has("quiet"));
  options.progress = [&progress](const Progress& p) { progress.Update(p.stage, p.done, p.total); };
  INLIER_ASSIGN_OR_RETURN(const std::string table, RunBench(options));
  Print(table);
  return ExitCode::kDone;
}

}  // namespace

Command BenchCommand() {
  return {.name = "bench",
          .group = "Research",
          .summary = "Measure accuracy and cost on your own data",
          .operands = "DATASET…",
          .description =
              "A DATASET is a folder with a catalogue and queries.csv (columns image, id and tag; an empty "
              "id means that the photo shows nothing of the catalogue). All catalogues together are "
              "indexed as one gallery, and every photo is asked twice: with its item in the gallery and "
              "with it left out. Prints a table for each method and dataset and writes all figures to "
              "--out, where the databases are kept for the next run.",
          .flags = {{.name = "out",
                     .value = "DIR",
                     .help = "Folder for results and databases.",
                     .required = true},
                    {.name = "distractors",
                     .value = "DIR",
                     .help = "A catalogue that only makes the gallery larger. May be repeated.",
                     .repeats = true},
                    {.name = "methods", .value = "LIST", .help = "Methods to compare, as sift,orb. Default: all of ours. Also opencv-sift, "
                                                                 "opencv-rootsift and opencv-orb, to compare with."},
                    {.name = "exact", .value = "N", .help = "Also ask N photos of each dataset exactly, as 'inlier query --exact' "
                                                            "does, and say what the index loses. Slow."},
                    ThreadsFlag("Work on N threads. Default: all cores. Figures of cost are per thread."),
                    SetFlag(),
                    QuietFlag()},
          .examples =
              "inlier bench data/covers --methods sift,orb --out results\n"
              "inlier bench data/covers data/books --distractors data/other --out results",
          .min_operands = 1,
          .max_operands = static_cast<std::size_t>(-1),
          .run = Run};
}

}  // namespace inlier::cli
