#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"
#include "engine/report/twins_page.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Lists the items that cannot be told apart by their pictures, one group a line: whether they are
copies (pictures with equal pixels) or twins (different pictures of one face), how alike they are, and
their ids, separated by tabs. They are found when items are indexed or added. 100 % stands for equal
pictures and 50 % for the largest difference that twins may have. An item that differs from another
one in a word, a digit or the colour of a part is no twin of it.

All items of a group are twins of its first one. Pictures that are smaller than 128 px are too small to
tell, and the features of a network (method deep) have no twins.
)";

constexpr std::string_view kExamples = R"(
inlier twins --db shop.db
inlier twins --db shop.db --report twins.html
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format, arguments.Choice("format", {"text", "jsonl"}));
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, 1));
  INLIER_ASSIGN_OR_RETURN(const auto groups, engine->Twins());
  for (const TwinGroup& group : groups) Print(TwinsText(format, group));
  if (arguments.Has("report"))
    INLIER_RETURN_IF_ERROR(WriteTwinsPage(arguments.Text("report"), groups));
  return ExitCode::kDone;
}

}  // namespace

Command TwinsCommand() {
  return {.name = "twins",
          .group = "Catalogue",
          .summary = "List the items that cannot be told apart",
          .description = kDescription,
          .flags = {DatabaseFlag(),
                    {.name = "report",
                     .value = "OUT.html",
                     .help = "Write one HTML page that shows the pictures of each group side by "
                             "side."},
                    FormatFlag("text|jsonl"),
                    IndexMemoryFlag(),
                    QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
