#include <fmt/format.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

namespace inlier::cli {
namespace {

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const int threads, ThreadsFrom(arguments, /*all_cores=*/true));
  const std::string& path = arguments.operands().front();
  INLIER_RETURN_IF_ERROR(OptionsFrom(arguments, {}));
  const auto catalogue = ReadCatalogue(path);
  if (!catalogue) {
    Complain(catalogue.error().message);
    return ExitCode::kSomeFailed;  // the catalogue is input, also when what is wrong is how it is
                                   // written
  }
  for (const auto& [where, reason] : catalogue->rejected) Complain(where + ": " + reason);

  ProgressLine progress(arguments.Has("quiet"));
  progress.Update("open");
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kCreate, threads));
  const std::atomic<bool>& cancel = CatchInterrupts();
  IndexOptions options{.threads = threads, .prune = arguments.Has("prune"), .cancel = &cancel};
  options.progress = [&progress](const Progress& p) { progress.Update(p.stage, p.done, p.total); };
  options.failed = [](const CatalogueEntry& entry, const Error& error) {
    Complain(fmt::format("{} ({}): {}", entry.id, entry.image.string(), error.message));
  };
  const auto report = engine->IndexCatalogue(*catalogue, options);
  if (!report && report.error().code == ErrorCode::kCancelled) {
    Complain(report.error().message + "; the same command goes on from here");
    return ExitCode::kInterrupted;
  }
  INLIER_RETURN_IF_ERROR(report);
  const std::size_t failed = report->failed + catalogue->rejected.size();
  Print(fmt::format("{} added, {} updated, {} unchanged, {} removed, {} failed\n", report->added,
                    report->updated, report->unchanged, report->removed, failed));
  return failed == 0 ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace

Command IndexCommand() {
  return {
      .name = "index",
      .group = "Catalogue",
      .summary = "Create a database from a catalogue, or bring it up to date",
      .operands = "CATALOGUE",
      .description =
          "CATALOGUE is a folder of images (an item's id is its path without the extension), or a "
          "table "
          "catalogue.csv or catalogue.jsonl with the columns id and image; every other column is "
          "kept as "
          "metadata. Image paths are relative to the table.\n"
          "The database is created when it is not there. After that only images that changed are "
          "read "
          "into it, so the same command keeps it up to date. A bad image or row is reported and "
          "skipped. "
          "Ctrl-C stops after the current batch; what was stored stays, and the same command goes "
          "on "
          "from there.",
      .flags =
          {DatabaseFlag(),
           FeaturesFlag(
               "Local feature of a new database: sift (most accurate; the default), surf, orb, "
               "brief "
               "(fastest, smallest) or deep (a CNN). A database keeps the one it was made with."),
           {.name = "prune", .help = "Remove items that CATALOGUE no longer has."},
           ThreadsFlag("Work on N threads. Default: all cores. The result does not depend on it."),
           IndexMemoryFlag(),
           SetFlag(),
           QuietFlag()},
      .examples =
          "inlier index products/ --db shop.db\n"
          "inlier index catalogue.csv --db shop.db --prune\n"
          "inlier index covers/ --db covers.db --features orb --set extract.max_features=800",
      .min_operands = 1,
      .max_operands = 1,
      .run = Run};
}

}  // namespace inlier::cli
