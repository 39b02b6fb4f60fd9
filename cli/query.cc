#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "cli/answer_file.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/ordered_answers.h"
#include "cli/photos.h"
#include "cli/progress.h"
#include "cli/where.h"
#include "core/parallel.h"
#include "engine/report/report.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Prints the items that each PHOTO shows: the id, how sure that is, and where in the photo the item's
four corners lie, clockwise from its top left corner. With a database of method hybrid, a photo that
shows none of the items may still look like some: these are named as such. PHOTO is an image file, a folder of them (with
the folders below it), or '-' to read file names from stdin, one on each line. If no item is
accepted, the photo shows nothing of the catalogue.

With --format jsonl, each photo gives one line of JSON, in the order of the photos: photo, features,
hits (rank, id, accepted, probability, score, inliers, polygon, metadata, picture, twins where the photo
cannot tell the item from others, and kind where it is similar) and timings_ms. With --all, a hit that is not accepted has a
reason (null for embeddings): few_inliers, implausible_outline, too_small, blurred, looks_different, differs, repeats or twin_preferred; the
text and the report say it in a sentence. A photo that cannot be read gives photo and error, and the
others are answered all the same. With --where there is also where_matched, the number of items that
satisfy it. Coordinates are pixels of the photo after its EXIF rotation.

With --out, the answers go into a file, photo by photo, in their order. When the run is interrupted
or killed, the same command goes on where it stopped: photos that the file holds an answer to are
not queried again.
)";

constexpr std::string_view kExamples = R"(
inlier query photo.jpg --db shop.db
inlier query shelf/*.jpg --db shop.db --where category=tea --format jsonl
inlier query photo.jpg --db shop.db --all --top 3 --report answer.html
inlier query photo.jpg --db shop.db --where 'brand=Acme|Zeta' --where price=10..20
inlier query shots/ --db shop.db --threads 4 --out answers.csv
find inbox -name '*.jpg' | inlier query - --db shop.db --format csv > answers.csv
)";

constexpr int kMaxTop = 10'000;

Result<std::string> FormatNameFrom(const Arguments& arguments) {
  if (!arguments.Has("out")) return arguments.Choice("format", {"text", "jsonl", "csv"});
  if (arguments.Has("format")) return arguments.Choice("format", {"jsonl", "csv"});
  const std::string path = arguments.Text("out");
  for (const std::string format : {"csv", "jsonl"}) {
    if (path.ends_with("." + format)) return format;
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("--out is '{}'; name it .csv or .jsonl, or give --format", path));
}

Result<AnswerFormat> FormatFrom(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string name, FormatNameFrom(arguments));
  const bool evidence = arguments.Has("evidence");
  if (evidence && name != "jsonl")
    return Fail(ErrorCode::kInvalidArgument, "--evidence needs --format jsonl");
  return AnswerFormat{name, evidence};
}

// Asks until all photos are answered, somebody interrupts, or the answers cannot be written.
void Ask(const Engine& engine, const QueryOptions& options, int threads, OrderedAnswers& answers,
         ProgressLine& progress) {
  const std::atomic<bool>& cancel = CatchInterrupts();
  const std::vector<std::string>& photos = answers.photos();
  ParallelFor(photos.size(), threads, [&](std::size_t i) {
    if (cancel || !answers.written()) return;
    answers.Put(i, engine.Query(std::filesystem::path(photos[i]), options));
    progress.Update("query", answers.done(), photos.size());
  });
}

// Writes the report and says what is in the file, when these are wanted.
Result<ExitCode> Finish(const Arguments& arguments, OrderedAnswers& answers, AnswerFile* file,
                        ProgressLine& progress) {
  INLIER_RETURN_IF_ERROR(answers.written());
  const std::size_t photos = answers.photos().size();
  if (answers.done() < photos) {
    Complain(fmt::format("interrupted; {} of {} photos were answered{}", answers.done(), photos,
                         file ? "; the same command goes on with the others" : ""));
    return ExitCode::kInterrupted;
  }
  if (arguments.Has("report")) {
    progress.Update("report");
    INLIER_RETURN_IF_ERROR(WriteReport(arguments.Text("report"), answers.Take()));
  }
  if (file == nullptr) return answers.exit();
  INLIER_RETURN_IF_ERROR(file->Sync());
  Print(fmt::format("{} answered, {} already in {}, {} failed\n", photos, file->answered(),
                    arguments.Text("out"), answers.failed() + file->failed()));
  return file->failed() > 0 ? std::max(answers.exit(), ExitCode::kSomeFailed) : answers.exit();
}

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const AnswerFormat format, FormatFrom(arguments));
  INLIER_ASSIGN_OR_RETURN(const int threads, ThreadsFrom(arguments, /*all_cores=*/false));
  QueryOptions options{.all = arguments.Has("all"),
                       .keep_matches = arguments.Has("report"),
                       .exact = arguments.Has("exact")};
  INLIER_ASSIGN_OR_RETURN(options.top, arguments.Number("top", options.top, 1, kMaxTop));
  INLIER_ASSIGN_OR_RETURN(options.where, arguments.Pairs("where"));

  ProgressLine progress(arguments.Has("quiet"));
  progress.Update("open");
  INLIER_ASSIGN_OR_RETURN(const auto engine, OpenDatabase(arguments, OpenMode::kRead, threads));
  INLIER_RETURN_IF_ERROR(CheckWhere(*engine, options.where));
  Photos photos = PhotosFrom(arguments.operands(), arguments.Has("quiet"));
  std::unique_ptr<AnswerFile> file;
  if (arguments.Has("out")) {
    INLIER_ASSIGN_OR_RETURN(file,
                            AnswerFile::Open(arguments.Text("out"), format.name, photos.names));
    photos.names = file->pending();
  } else {
    Print(AnswerHeader(format.name));
  }
  OrderedAnswers answers(format, options.keep_matches, std::move(photos.names), file.get());
  Ask(*engine, options, threads, answers, progress);
  INLIER_ASSIGN_OR_RETURN(const ExitCode exit, Finish(arguments, answers, file.get(), progress));
  return photos.complete ? exit : std::max(exit, ExitCode::kSomeFailed);
}

}  // namespace

Command QueryCommand() {
  return {
      .name = "query",
      .group = "Asking",
      .summary = "Find the items that photos show",
      .operands = {"PHOTO…", 1, Operands::kAnyNumber},
      .description = kDescription,
      .flags =
          {DatabaseFlag(),
           {.name = "top",
            .value = "N",
            .help = "Print at most N hits for each photo. Default: 10."},
           {.name = "evidence",
            .help = "With --format jsonl, also print what each score was made from."},
           {.name = "all", .help = "Also print the items that were examined and not accepted."},
           WhereFlag("Search only among the items with this metadata."),
           {.name = "exact",
            .help = "Compare each photo with every item in full, without the index. This is the "
                    "reference that the index is measured against; with thousands of items a "
                    "photo takes seconds."},
           FormatFlag("text|jsonl|csv"),
           {.name = "out",
            .value = "FILE",
            .help = "Write the answers to FILE as CSV or JSON lines, as its ending (.csv, .jsonl) "
                    "or --format says. If FILE is there, go on with it: photos that it answers are "
                    "skipped, including those that could not be read."},
           {.name = "report",
            .value = "OUT.html",
            .help = "Also write a page that shows the photos, the items, their outlines and the "
                    "matched points. The page needs no other file."},
           ThreadsFlag(
               "Answer N photos at a time. Default: 1. The answers are the same for any N."),
           IndexMemoryFlag(),
           SetFlag(),
           QuietFlag()},
      .examples = kExamples,
      .run = Run};
}

}  // namespace inlier::cli
