#include <fmt/format.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "engine/learn.h"

namespace inlier::cli {
namespace {

Result<ExitCode> Run(const Arguments& arguments) {
  LearnOptions options{.model = arguments.Text("model")};
  INLIER_ASSIGN_OR_RETURN(options.threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(options.items, arguments.Number("items", options.items, 2, 100'000));
  INLIER_ASSIGN_OR_RETURN(options.views, arguments.Number("views", options.views, 1, 1000));
  INLIER_ASSIGN_OR_RETURN(const int seed, arguments.Number("seed", 1, 0, 2'000'000'000));
  options.seed = static_cast<std::uint64_t>(seed);
  const auto catalogue = ReadCatalogue(arguments.operands().front());
  if (!catalogue) {
    Complain(catalogue.error().message);
    return ExitCode::kSomeFailed;
  }
  for (const auto& [where, reason] : catalogue->rejected) Complain(where + ": " + reason);
  ProgressLine progress(arguments.Has("quiet"));
  options.cancel = &CatchInterrupts();
  options.progress = [&progress](const Progress& p) { progress.Update(p.stage, p.done, p.total); };
  options.failed = [](const CatalogueEntry& entry, const Error& error) {
    Complain(fmt::format("{} ({}): {}", entry.id, entry.image.string(), error.message));
  };
  const auto report = LearnProjection(*catalogue, options, arguments.Text("out"));
  if (!report && report.error().code == ErrorCode::kCancelled) {
    Complain(report.error().message);
    return ExitCode::kInterrupted;
  }
  INLIER_RETURN_IF_ERROR(report);
  Print(fmt::format(
      "{} items, {} failed; {} dimensions\n"
      "first hits among synthetic photos kept apart: {:.3f}, as the embedding comes {:.3f}\n",
      report->items, report->failed + catalogue->rejected.size(), report->dims, report->first_hit,
      report->first_hit_before));
  return report->failed + catalogue->rejected.size() == 0 ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace

Command LearnCommand() {
  return {
      .name = "learn",
      .group = "Catalogue",
      .summary = "Learn a projection of embeddings from a catalogue, for method deep",
      .operands = "CATALOGUE",
      .description =
          "Draws synthetic photos of the items (at an angle, in other light, covered in part, "
          "blurred, before other "
          "pictures), and learns what of a network's embedding stays the same in them and tells "
          "items apart. No labels "
          "and no other photos are needed. The file that it writes goes with the model that it was "
          "learnt with; a database "
          "is made with it by --set extract.deep_projection=FILE. It also holds how similarity "
          "becomes a probability, as "
          "fitted on synthetic photos that were kept apart.",
      .flags =
          {{.name = "out",
            .value = "FILE",
            .help = "File to write, in place of what is there.",
            .required = true},
           {.name = "model",
            .value = "CONFIG",
            .help = "Configuration of detector and embedding (docs/MODELS.md). Default: NanoDet-g, "
                    "from scripts/setup-deep."},
           {.name = "items",
            .value = "N",
            .help = "Learn from N items of a larger catalogue, spread evenly. Default: 1500."},
           {.name = "views", .value = "N", .help = "Synthetic photos of each item. Default: 6."},
           {.name = "seed", .value = "N", .help = "Other synthetic photos. Default: 1."},
           ThreadsFlag("Work on N threads. Default: all cores. The result does not depend on it."),
           QuietFlag()},
      .examples =
          "inlier learn products/ --out shop.proj\n"
          "inlier index products/ --db shop.db --features deep --set "
          "extract.deep_projection=shop.proj",
      .min_operands = 1,
      .max_operands = 1,
      .run = Run};
}

}  // namespace inlier::cli
