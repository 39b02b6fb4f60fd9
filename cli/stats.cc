#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Prints the number of items and features, the method, and the state of the index: its parts, its size
in memory and on disk, and the changes that it covers. Postings of removed items are dropped when their
part of the index is next written. Changes that the index file does not cover yet are replayed when the
database is opened. Items without features are those that no photo can find; 'inlier list
--without-features' lists them.
)";

constexpr std::string_view kExamples = R"(
inlier stats --db shop.db
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format, arguments.Choice("format", {"text", "jsonl"}));
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, 1));
  INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, engine->Stats());
  Print(StatsText(format, stats, engine->options()));
  return ExitCode::kDone;
}

}  // namespace

Command StatsCommand() {
  return {.name = "stats",
          .group = "Database",
          .summary = "Show the size and state of a database",
          .description = kDescription,
          .flags = {DatabaseFlag(), FormatFlag("text|jsonl"), IndexMemoryFlag(), QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
