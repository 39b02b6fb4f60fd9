#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"
#include "cli/where.h"
#include "engine/where.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Prints one line for each item, in the order in which the items were first added: id, size, number
of features, metadata and, if there are several, the number of pictures, separated by tabs.
)";

constexpr std::string_view kExamples = R"(
inlier list --db shop.db
inlier list --db shop.db --where category=kitchen --format jsonl
inlier list --db shop.db --without-features
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format,
                          arguments.Choice("format", {"text", "jsonl", "csv"}));
  INLIER_ASSIGN_OR_RETURN(const auto where, arguments.Pairs("where"));
  INLIER_ASSIGN_OR_RETURN(const auto conditions, ParseWhere(where));
  const bool only_empty = arguments.Has("without-features");
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, 1));
  INLIER_RETURN_IF_ERROR(CheckWhere(*engine, where));
  Print(ItemHeader(format));
  INLIER_RETURN_IF_ERROR(engine->ForEach([&](const ItemRecord& item) {
    if (only_empty && FeatureCount(item) > 0) return true;
    if (HoldAll(conditions, item.metadata)) Print(ItemText(format, item));
    return true;
  }));
  return ExitCode::kDone;
}

}  // namespace

Command ListCommand() {
  return {
      .name = "list",
      .group = "Catalogue",
      .summary = "List the items",
      .description = kDescription,
      .flags = {DatabaseFlag(),
                WhereFlag("List only the items with this metadata."),
                {.name = "without-features",
                 .help = "List only the items in whose image no features were found, so that no "
                         "photo can find them."},
                FormatFlag("text|jsonl|csv"),
                IndexMemoryFlag(),
                QuietFlag()},
      .examples = kExamples,
      .run = Run};
}

}  // namespace inlier::cli
