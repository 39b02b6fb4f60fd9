#include <fmt/core.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/progress.h"
#include "cli/text.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Reads every record and every index file, verifies the checksums, and compares the index with the
items. Nothing is changed. The exit status is 3 when there is a problem: 'inlier rebuild' repairs the
index, and 'inlier index' repairs an item.
)";

constexpr std::string_view kExamples = R"(
inlier check --db shop.db
)";

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
          .description = kDescription,
          .flags = {DatabaseFlag(), IndexMemoryFlag(), QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
