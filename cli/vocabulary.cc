#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Writes the vocabulary of a database to a file: the cells that its local features fall into. With
'inlier index --vocabulary FILE' other databases are made with it. A catalogue that is cut into
several databases gives the same answers only if they share one vocabulary; it is trained on a sample
of the whole catalogue.
)";

constexpr std::string_view kExamples = R"(
inlier vocabulary --db sample.db --out shop.vocabulary
inlier index products/ --db shop.db --vocabulary shop.vocabulary
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, 1));
  INLIER_RETURN_IF_ERROR(engine->WriteVocabulary(arguments.Text("out")));
  return ExitCode::kDone;
}

}  // namespace

Command VocabularyCommand() {
  return {.name = "vocabulary",
          .group = "Database",
          .summary = "Write the vocabulary of a database to a file, for other databases",
          .description = kDescription,
          .flags = {DatabaseFlag(),
                    {.name = "out", .value = "FILE", .help = "The file.", .required = true},
                    IndexMemoryFlag(),
                    QuietFlag()},
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
