#include <fmt/core.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/progress.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Trains the index again from the stored features and publishes it. No image is read. This is needed
only when 'inlier check' reports that the index is damaged: the index of a growing catalogue is
trained again automatically.
)";

constexpr std::string_view kExamples = R"(
inlier rebuild --db shop.db
)";

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
          .description = kDescription,
          .flags = {DatabaseFlag(),
                    ThreadsFlag(
                        "Work on N threads. Default: all cores. The result is the same for any N."),
                    IndexMemoryFlag(), QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
