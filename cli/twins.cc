#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"
#include "engine/report/twins_page.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Lists the items that cannot be told apart by their pictures, one group a line: whether they are
copies (equal picture files) or twins (different pictures of one face), how alike they are, and their
ids, separated by tabs. 100 % stands for equal pictures and 50 % for the largest difference that twins
may have. An item that differs from another one in a word, a digit or the colour of a part is no twin
of it.

All items of a group are twins of its first one. Pictures that are smaller than 128 px are too small to
tell, and the features of a network (method deep) have no twins.
)";

constexpr std::string_view kExamples = R"(
inlier twins --db shop.db
inlier twins --db shop.db --report twins.html
)";

Status WritePage(const Engine& engine, const std::vector<TwinGroup>& groups,
                 const std::string& path) {
  std::vector<ReportedTwins> reported;
  for (const TwinGroup& group : groups) {
    ReportedTwins twins{.likeness = group.likeness, .copies = group.copies};
    for (const std::string& id : group.ids) {
      INLIER_ASSIGN_OR_RETURN(auto item, engine.Find(id));
      if (item) twins.items.push_back(std::move(*item));
    }
    if (twins.items.size() > 1) reported.push_back(std::move(twins));
  }
  return WriteTwinsPage(path, reported);
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format, arguments.Choice("format", {"text", "jsonl"}));
  INLIER_ASSIGN_OR_RETURN(const int threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, threads));
  INLIER_ASSIGN_OR_RETURN(const auto groups, engine->Twins());
  for (const TwinGroup& group : groups) Print(TwinsText(format, group));
  if (arguments.Has("report"))
    INLIER_RETURN_IF_ERROR(WritePage(*engine, groups, arguments.Text("report")));
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
                    ThreadsFlag(
                        "Work on N threads. Default: all cores. The result is the same for any N."),
                    FormatFlag("text|jsonl"),
                    IndexMemoryFlag(),
                    QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
