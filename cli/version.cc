#include "cli/command.h"
#include "cli/console.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Prints the name and the version of this program.
)";

constexpr std::string_view kExamples = R"(
inlier version
)";

Result<ExitCode> Run(const Arguments&) {
  Print("inlier " INLIER_VERSION "\n");
  return ExitCode::kDone;
}

}  // namespace

Command VersionCommand() {
  return {.name = "version",
          .group = "Help",
          .summary = "Print the version",
          .description = kDescription,
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
