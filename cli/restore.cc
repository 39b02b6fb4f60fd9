#include "server/restore.h"

#include "cli/command.h"
#include "cli/console.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Makes a database from a snapshot that was downloaded from 'inlier serve', and opens it to see that it is
whole. Nothing may be at DIR before.
)";

constexpr std::string_view kExamples = R"(
inlier restore snapshot.tar --db shop.db
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_RETURN_IF_ERROR(server::Restore(arguments.operands()[0], arguments.Text("db")));
  if (!arguments.Has("quiet")) Print("restored\n");
  return ExitCode::kDone;
}

}  // namespace

Command RestoreCommand() {
  return {.name = "restore",
          .group = "Serving",
          .summary = "Make a database from a snapshot",
          .operands = {"SNAPSHOT", 1},
          .description = kDescription,
          .flags = {DatabaseFlag(), QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
