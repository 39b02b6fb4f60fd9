#include <iostream>
#include <mutex>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "core/parallel.h"
#include "engine/report/report.h"

namespace inlier::cli {
namespace {

constexpr int kMaxTop = 10'000;

// The photos named as operands; "-" stands for the lines of stdin.
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

// Takes the answers as they come from the threads and prints them in the order of the photos.
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

  // Photos with their answers, for the report.
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
    if (!*answer) {
      Complain(photo + ": " + answer->error().message);
      const bool damaged = ExitCodeFor(answer->error().code) == ExitCode::kDamaged;
      exit_ = std::max(exit_, damaged ? ExitCode::kDamaged : ExitCode::kSomeFailed);
    } else if (!keep_answers_) {
      answer->value() = {};
    }
  }

  std::string format_;
  bool keep_answers_;
  std::vector<std::string> photos_;
  std::mutex mutex_;
  std::vector<std::optional<Result<Answer>>> answers_;
  std::size_t next_ = 0;
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
      .operands = "PHOTO…",
      .description =
          "Answers each PHOTO (an image file; '-' reads file names from stdin, one a line) with "
          "the items "
          "that it shows: the id, how sure that is, and where in the photo the item's four corners "
          "lie, "
          "from its top left one clockwise. No accepted item means that the photo shows nothing of "
          "the "
          "catalogue.\n"
          "With --format jsonl there is one JSON object a line for each photo, in the order of the "
          "photos: "
          "photo, features, hits (rank, id, accepted, probability, score, inliers, polygon, "
          "metadata) and "
          "timings_ms; a photo that cannot be read gives photo and error, and the others are "
          "answered all "
          "the same. Pixels are those of the photo after its EXIF turn.",
      .flags =
          {DatabaseFlag(),
           {.name = "top", .value = "N", .help = "Print at most N hits of a photo. Default: 10."},
           {.name = "all", .help = "Also print the best candidates that were not accepted."},
           {.name = "exact",
            .help = "Compare each photo with every item in full, without the index: the oracle "
                    "that the "
                    "index is measured by. Seconds a photo for thousands of items."},
           WhereFlag("Search only among items with this metadata. Repeated: all must hold."),
           FormatFlag("text|jsonl|csv"),
           {.name = "report",
            .value = "OUT.html",
            .help = "Also write a page that shows photos, items, outlines and matched points; one "
                    "file that needs no other."},
           ThreadsFlag("Answer N photos at a time. Default: 1. The answers do not depend on it."),
           IndexMemoryFlag(),
           SetFlag(),
           QuietFlag()},
      .examples =
          "inlier query photo.jpg --db shop.db\n"
          "inlier query shelf/*.jpg --db shop.db --where category=tea --format jsonl\n"
          "inlier query photo.jpg --db shop.db --all --top 3 --report answer.html\n"
          "find inbox -name '*.jpg' | inlier query - --db shop.db --format csv > answers.csv",
      .min_operands = 1,
      .max_operands = static_cast<std::size_t>(-1),
      .run = Run};
}

}  // namespace inlier::cli
