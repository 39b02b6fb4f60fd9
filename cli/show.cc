#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Prints the id, image file, size, number of features and metadata of each item. Several pictures of an
item are numbered, in the order in which the item has them.
)";

constexpr std::string_view kExamples = R"(
inlier show mug-blue --db shop.db
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format, arguments.Choice("format", {"text", "jsonl"}));
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, 1));
  ExitCode exit = ExitCode::kDone;
  for (const std::string& id : arguments.operands()) {
    INLIER_ASSIGN_OR_RETURN(const auto item, engine->Find(id));
    if (item) {
      if (&id != &arguments.operands().front() && format == "text") Print("\n");
      Print(ItemPage(format, *item));
    } else {
      Complain("there is no item '" + id + "'");
      exit = ExitCode::kSomeFailed;
    }
  }
  return exit;
}

}  // namespace

Command ShowCommand() {
  return {.name = "show",
          .group = "Catalogue",
          .summary = "Show what is stored about items",
          .operands = {"ID…", 1, Operands::kAnyNumber},
          .description = kDescription,
          .flags = {DatabaseFlag(), FormatFlag("text|jsonl"), IndexMemoryFlag(), QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
