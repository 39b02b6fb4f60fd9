#include <iostream>
#include <mutex>

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/where.h"
#include "core/parallel.h"
#include "engine/report/report.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Prints the items that each PHOTO shows: the id, how sure that is, and where in the photo the item's
four corners lie, clockwise from its top left corner. PHOTO is an image file, or '-' to read file
names from stdin, one on each line. If no item is accepted, the photo shows nothing of the catalogue.

With --format jsonl, each photo gives one line of JSON, in the order of the photos: photo, features,
hits (rank, id, accepted, probability, score, inliers, polygon, metadata) and timings_ms. A photo that
cannot be read gives photo and error, and the others are answered all the same. With --where there
is also where_matched, the number of items that satisfy it. Coordinates are pixels of the photo after
its EXIF rotation.
)";

constexpr std::string_view kExamples = R"(
inlier query photo.jpg --db shop.db
inlier query shelf/*.jpg --db shop.db --where category=tea --format jsonl
inlier query photo.jpg --db shop.db --all --top 3 --report answer.html
inlier query photo.jpg --db shop.db --where 'brand=Acme|Zeta' --where price=10..20
find inbox -name '*.jpg' | inlier query - --db shop.db --format csv > answers.csv
)";

constexpr int kMaxTop = 10'000;

// The photos that the operands name. The operand "-" stands for the lines of stdin.
std::vector<std::string> Photos(const std::vector<std::string>& operands) {
  std::vector<std::string> photos;
  for (const std::string& operand : operands) {
    if (operand != "-") {
      photos.push_back(operand);
      continue;
    }
    for (std::string line; std::getline(std::cin, line);) {
      if (!line.empty()) photos.push_back(line);
    }
  }
  return photos;
}

// Takes the answers as the threads finish them and prints them in the order of the photos.
class OrderedPrinter {
 public:
  OrderedPrinter(std::string format, bool keep_answers, std::vector<std::string> photos)
      : format_(std::move(format)),
        keep_answers_(keep_answers),
        photos_(std::move(photos)),
        answers_(photos_.size()) {}

  void Put(std::size_t i, Result<Answer> answer) {
    std::lock_guard lock(mutex_);
    answers_[i] = std::move(answer);
    ++done_;
    for (; next_ < answers_.size() && answers_[next_]; ++next_) {
      PrintAnswer(photos_[next_], answers_[next_]);
    }
  }

  std::size_t done() {
    std::lock_guard lock(mutex_);
    return done_;
  }
  ExitCode exit() const { return exit_; }

  // The photos with their answers, for the report. Needs keep_answers, and all answers to be there.
  std::vector<ReportedPhoto> Take() {
    std::vector<ReportedPhoto> reported;
    for (std::size_t i = 0; i < photos_.size(); ++i) {
      reported.push_back({photos_[i], std::move(*answers_[i])});
    }
    return reported;
  }

 private:
  void PrintAnswer(const std::string& photo, std::optional<Result<Answer>>& answer) {
    Print(AnswerText(format_, photo, *answer));
    if (*answer) {
      for (const std::string& warning : answer->value().warnings) Complain(photo + ": " + warning);
    }
    if (!*answer) {
      Complain(photo + ": " + answer->error().message);
      const bool damaged = ExitCodeFor(answer->error().code) == ExitCode::kDamaged;
      exit_ = std::max(exit_, damaged ? ExitCode::kDamaged : ExitCode::kSomeFailed);
    } else if (!keep_answers_) {
      answer->value() = {};  // gives the memory back; a run may have a million photos
    }
  }

  std::string format_;
  bool keep_answers_;
  std::vector<std::string> photos_;
  std::mutex mutex_;
  std::vector<std::optional<Result<Answer>>> answers_;  // absent until a thread has put it
  std::size_t next_ = 0;                                // the first that is not printed yet
  std::size_t done_ = 0;
  ExitCode exit_ = ExitCode::kDone;
};

Result<ExitCode> Run(const Arguments& arguments) {
  INLIER_ASSIGN_OR_RETURN(const std::string format,
                          arguments.Choice("format", {"text", "jsonl", "csv"}));
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
  const std::vector<std::string> photos = Photos(arguments.operands());
  const std::atomic<bool>& cancel = CatchInterrupts();
  OrderedPrinter printer(format, options.keep_matches, photos);
  Print(AnswerHeader(format));
  ParallelFor(photos.size(), threads, [&](std::size_t i) {
    if (cancel) return;
    printer.Put(i, engine->Query(std::filesystem::path(photos[i]), options));
    progress.Update("query", printer.done(), photos.size());
  });
  if (printer.done() < photos.size()) {
    Complain(
        fmt::format("interrupted; {} of {} photos were answered", printer.done(), photos.size()));
    return ExitCode::kInterrupted;
  }
  if (arguments.Has("report")) {
    progress.Update("report");
    INLIER_RETURN_IF_ERROR(WriteReport(arguments.Text("report"), printer.Take()));
  }
  return printer.exit();
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
           {.name = "all", .help = "Also print the items that were examined and not accepted."},
           WhereFlag("Search only among the items with this metadata."),
           {.name = "exact",
            .help = "Compare each photo with every item in full, without the index. This is the "
                    "reference that the index is measured against; with thousands of items a "
                    "photo takes seconds."},
           FormatFlag("text|jsonl|csv"),
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
