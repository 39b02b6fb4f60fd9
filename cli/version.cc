#include "cli/command.h"
#include "cli/console.h"

namespace inlier::cli {
namespace {

Result<ExitCode> Run(const Arguments&) {
  Print("inlier " INLIER_VERSION "\n");
  return ExitCode::kDone;
}

}  // namespace

Command VersionCommand() {
  return {.name = "version",
          .group = "Help",
          .summary = "Print the version",
          .operands = "",
          .description = "Prints the name and version of this program.",
          .examples = "inlier version",
          .run = Run};
}

}  // namespace inlier::cli
