#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/index_output.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "wire/writer.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
CATALOGUE is a folder of images, where the id of an item is its path without the extension, or a
table (.csv, .tsv, .txt, .jsonl, .json or .xml) with the columns id and image. Every other column is
kept as metadata. Image paths are relative to the table. In a folder, files with another extension or
none are read as well if their first bytes are those of an image. The files that are left out are
counted at the end.

Several rows of one id, columns image, image_2 and so on, or several paths in one cell are several
pictures of one item. Product exports of Shopify, WooCommerce and Magento and feeds for Google Merchant
are known by their columns. Pictures that are URLs are looked for under --images by their file names;
'inlier urls' lists them for a program that downloads.

The database is created if it does not exist. Later runs of the same command read only the images
that have changed. A bad image or row is reported and skipped, and failures are counted by their cause
at the end. An image without features is reported too, since no photo can find it. Ctrl-C stops after
the current batch: what has been stored stays, and the same command continues from there.

At the end it says how many images stand under several ids, which are then found as one, and how many
items look the same as another one: 'inlier twins' lists both.

With --format jsonl, each image gives one line of JSON, in the order of CATALOGUE: id, image, outcome
(added, updated, unchanged or failed), features, warnings, error and cause. Rows that cannot be used
come first, without an id. The last line has the totals; it is missing if the run was interrupted.
)";

constexpr std::string_view kExamples = R"(
inlier index products/ --db shop.db
inlier index catalogue.csv --db shop.db --prune
inlier index products_export.csv --db shop.db --images downloaded/
inlier index goods.txt --db shop.db --columns id=sku,image=photo,title=name
inlier index covers/ --db covers.db --features orb --set extract.max_features=800
inlier index products/ --db shop.db --format jsonl > outcomes.jsonl
)";

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const int threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_ASSIGN_OR_RETURN(const std::string format, arguments.Choice("format", {"text", "jsonl"}));
  INLIER_RETURN_IF_ERROR(OptionsFrom(arguments, {}));
  INLIER_ASSIGN_OR_RETURN(const auto table_options, CatalogueOptionsFrom(arguments));
  const auto catalogue = ReadCatalogueOrComplain(arguments.operands().front(), table_options);
  if (!catalogue) return ExitCode::kSomeFailed;

  ProgressLine progress(arguments.Has("quiet"));
  progress.Update("open");
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kCreate, threads));
  const IndexOutput output(format, arguments.Has("quiet"), *catalogue, arguments.Text("db"));
  auto report = engine->IndexCatalogue(
      *catalogue,
      {.threads = threads,
       .prune = arguments.Has("prune"),
       .progress = progress.Function(),
       .outcome = [&output](const auto& entry, const auto& done) { output.Picture(entry, done); },
       .spared = IndexOutput::Spared,
       .cancel = &CatchInterrupts()});
  if (!report && report.error().code == ErrorCode::kCancelled) {
    Complain(report.error().message + "; the same command continues from here");
    return ExitCode::kInterrupted;
  }
  INLIER_RETURN_IF_ERROR(report);
  if (!catalogue->rejected.empty()) {
    report->failed += catalogue->rejected.size();
    report->causes[wire::kRejectedCause] += catalogue->rejected.size();
  }
  output.Totals(*report);
  return report->failed == 0 ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace

Command IndexCommand() {
  return {.name = "index",
          .group = "Catalogue",
          .summary = "Create a database from a catalogue, or bring it up to date",
          .operands = {"CATALOGUE", 1},
          .description = kDescription,
          .flags = WithTableFlags(
              {DatabaseFlag(),
               FeaturesFlag(
                   "The features of a new database: sift (the default, the most "
                   "accurate), surf, orb, brief (the fastest and smallest), xfeat (local "
                   "features from a neural network), look (colours alone, for garments) "
                   "or deep (a neural network). A database keeps the features that it was made "
                   "with."),
               {.name = "vocabulary",
                .value = "FILE",
                .help = "The vocabulary of a new database, which 'inlier vocabulary' wrote from "
                        "another one. It is kept and never trained again, so that databases that "
                        "share one answer alike."},
               {.name = "prune",
                .help = "Remove the items that CATALOGUE no longer has, and the images that it "
                        "no longer has of an item. What cannot be read stays, and so does an "
                        "item if a file that was left out has its name."},
               FormatFlag("text|jsonl"),
               ThreadsFlag("Work on N threads. Default: all cores. The result is the same for "
                           "any N."),
               IndexMemoryFlag(),
               SetFlag(),
               QuietFlag()}),
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
