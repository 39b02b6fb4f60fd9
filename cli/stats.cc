#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"

namespace inlier::cli {
namespace {

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format, arguments.Choice("format", {"text", "jsonl"}));
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, 1));
  INLIER_ASSIGN_OR_RETURN(const CollectionStats stats, engine->Stats());
  Print(StatsText(format, stats, engine->options()));
  return ExitCode::kDone;
}

}  // namespace

Command StatsCommand() {
  return {
      .name = "stats",
      .group = "Database",
      .summary = "Show the size and state of a database",
      .operands = "",
      .description =
          "Prints the number of items and features, the method, and the state of the index: cells, "
          "postings (those of removed items are dropped when their part of the index is next "
          "written), "
          "bytes in memory, mapped and on disk, and how many of the changes the index file covers; "
          "the rest is "
          "replayed on opening.",
      .flags = {DatabaseFlag(), FormatFlag("text|jsonl"), IndexMemoryFlag(), QuietFlag()},
      .examples = "inlier stats --db shop.db",
      .run = Run};
}

}  // namespace inlier::cli
