#include <fmt/format.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/progress.h"

namespace inlier::cli {
namespace {

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const int threads, ThreadsFrom(arguments, /*all_cores=*/true));
  ProgressLine progress(arguments.Has("quiet"));
  progress.Update("open");
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kWrite, threads));
  progress.Update("rebuild");
  INLIER_RETURN_IF_ERROR(engine->Rebuild());
  INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, engine->Stats());
  Print(fmt::format("rebuilt: {} items, {} features, {} cells\n", stats.items, stats.features,
                    stats.cells));
  return ExitCode::kDone;
}

}  // namespace

Command RebuildCommand() {
  return {.name = "rebuild",
          .group = "Database",
          .summary = "Build the index again from the stored features",
          .operands = "",
          .description =
              "Trains the index anew and publishes it. No image is read. Needed only when "
              "'inlier check' reports that the index is damaged; a catalogue that grows is "
              "retrained by itself.",
          .flags = {DatabaseFlag(), IndexMemoryFlag(),
                    ThreadsFlag(
                        "Work on N threads. Default: all cores. The result does not depend on it."),
                    QuietFlag()},
          .examples = "inlier rebuild --db shop.db",
          .run = Run};
}

}  // namespace inlier::cli
