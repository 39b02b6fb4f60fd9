#include "bench/compare_runs.h"
#include "cli/command.h"
#include "cli/console.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
BEFORE and AFTER are folders that 'inlier bench' wrote, or their results.json. The command prints the
figures that differ, by method and dataset, and marks those whose 95 % intervals do not overlap.
)";

constexpr std::string_view kExamples = R"(
inlier compare results-monday results-tuesday
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string table,
                          CompareRuns(arguments.operands()[0], arguments.operands()[1]));
  Print(table);
  return ExitCode::kDone;
}

}  // namespace

Command CompareCommand() {
  return {.name = "compare",
          .group = "Research",
          .summary = "Show what differs between two bench runs",
          .operands = {"BEFORE AFTER", 2},
          .description = kDescription,
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
