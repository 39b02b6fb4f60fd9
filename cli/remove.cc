#include <fmt/core.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/text.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Removes the items from the database. Their image files stay where they are. An id that is not in the
database is reported, and the others are removed all the same.
)";

constexpr std::string_view kExamples = R"(
inlier remove mug-blue --db shop.db
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kWrite, 1));
  ExitCode exit = ExitCode::kDone;
  for (const std::string& id : arguments.operands()) {
    const Status removed = engine->Remove(id);
    if (removed) {
      Print("removed " + Printable(id) + "\n");
    } else if (removed.error().code == ErrorCode::kNotFound) {
      Complain(removed.error().message);
      exit = ExitCode::kSomeFailed;
    } else {
      return tl::unexpected(removed.error());
    }
  }
  INLIER_RETURN_IF_ERROR(CheckpointWhenDue(*engine));
  return exit;
}

}  // namespace

Command RemoveCommand() {
  return {.name = "remove",
          .group = "Catalogue",
          .summary = "Remove items",
          .operands = {"ID…", 1, Operands::kAnyNumber},
          .description = kDescription,
          .flags = {DatabaseFlag(), IndexMemoryFlag(), QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
