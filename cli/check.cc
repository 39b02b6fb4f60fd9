#include <fmt/format.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/progress.h"
#include "cli/text.h"

namespace inlier::cli {
namespace {

Result<ExitCode> Run(const Arguments& arguments) {
  ProgressLine progress(arguments.Has("quiet"));
  progress.Update("check");
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, 1));
  INLIER_ASSIGN_OR_RETURN(const CheckReport report, engine->Check());
  for (const std::string& problem : report.problems) Print(Printable(problem) + "\n");
  Print(
      fmt::format("{} items checked, {} problems\n", report.items_checked, report.problems.size()));
  return report.problems.empty() ? ExitCode::kDone : ExitCode::kDamaged;
}

}  // namespace

Command CheckCommand() {
  return {.name = "check",
          .group = "Database",
          .summary = "Read everything that is stored and report damage",
          .operands = "",
          .description =
              "Reads every record and every index file, compares checksums, and compares the "
              "index with the items. Changes nothing. Exits 3 when there is a problem; "
              "'inlier rebuild' mends the index, 'inlier index' an item.",
          .flags = {DatabaseFlag(), IndexMemoryFlag(), QuietFlag()},
          .examples = "inlier check --db shop.db",
          .run = Run};
}

}  // namespace inlier::cli
