#include "engine/learn.h"

#include <cctype>
#include <type_traits>

#include <fmt/core.h>

#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/database.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

namespace inlier::cli {
namespace {

constexpr std::string_view kDescription = R"(
Makes method deep more accurate on a catalogue, without labels and without further photos. With the
default model the command learns how the items' pictures vary, so that what is rare counts more. For
others it draws synthetic photos of the items (at an angle, in other light, partly covered, blurred, in
front of other pictures) and learns what in the network's embedding stays the same in them and tells
the items apart. Where the model does not say it, it also learns how to turn a similarity into a probability, on synthetic photos that
it has kept apart.

'inlier index' uses the file with --set extract.deep_projection=FILE. The file works only with the
model that it was learnt with.
)";

constexpr std::string_view kExamples = R"(
inlier learn products/ --out shop.proj
inlier index products/ --db shop.db --features deep --set extract.deep_projection=shop.proj
)";

// One flag for each row of the options' own table, so that names, ranges and defaults stand there
// alone.
std::vector<Flag> TableFlags() {
  const LearnOptions defaults;
  std::vector<Flag> flags;
  LearnOptions::Visit(defaults, [&flags](const Field& field, const auto& value) {
    std::string help = fmt::format("{}. Default: {}.", field.help, value);
    help.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(help.front())));
    flags.push_back({.name = field.name, .value = "N", .help = std::move(help)});
  });
  return flags;
}

// Errors: kInvalidArgument naming the flag.
Status ReadTableFlags(const Arguments& arguments, LearnOptions& options) {
  Status status;
  LearnOptions::Visit(options, [&](const Field& field, auto& value) {
    if (!status) return;
    const auto number =
        arguments.Number(field.name, static_cast<int>(value), static_cast<int>(field.least),
                         static_cast<int>(field.most));
    if (number) {
      value = static_cast<std::remove_reference_t<decltype(value)>>(*number);
    } else {
      status = tl::unexpected(number.error());
    }
  });
  return status;
}

Result<ExitCode> Run(const Arguments& arguments) {
  LearnOptions options{.model = arguments.Text("model")};
  INLIER_ASSIGN_OR_RETURN(options.threads, ThreadsFrom(arguments, /*all_cores=*/true));
  INLIER_RETURN_IF_ERROR(ReadTableFlags(arguments, options));
  INLIER_ASSIGN_OR_RETURN(const auto table_options, CatalogueOptionsFrom(arguments));
  const auto catalogue = ReadCatalogueOrComplain(arguments.operands().front(), table_options);
  if (!catalogue) return ExitCode::kSomeFailed;
  ProgressLine progress(arguments.Has("quiet"));
  options.progress = progress.Function();
  options.failed = ComplainAbout;
  options.cancel = &CatchInterrupts();
  const auto report = LearnProjection(*catalogue, options, arguments.Text("out"));
  if (!report && report.error().code == ErrorCode::kCancelled) {
    Complain(report.error().message);
    return ExitCode::kInterrupted;
  }
  INLIER_RETURN_IF_ERROR(report);
  const std::size_t failed = report->failed + catalogue->rejected.size();
  Print(fmt::format(
      "{} items, {} failed; {} dimensions\n"
      "share of right first hits on synthetic photos kept apart: {:.3f}, without the "
      "projection {:.3f}\n",
      report->items, failed, report->dims, report->first_hit, report->first_hit_before));
  return failed == 0 ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace

Command LearnCommand() {
  std::vector<Flag> flags = {
      {.name = "out",
       .value = "FILE",
       .help = "The file to write. An existing one is replaced.",
       .required = true},
      {.name = "model",
       .value = "CONFIG",
       .help = "The configuration of the detector and the embedding (docs/MODELS.md). Default: "
               "EfficientNet-Lite0, which scripts/setup-deep fetches."}};
  for (Flag& flag : TableFlags()) flags.push_back(std::move(flag));
  flags.push_back(
      ThreadsFlag("Work on N threads. Default: all cores. The result is the same for any N."));
  flags.push_back(QuietFlag());
  flags = WithTableFlags(std::move(flags));
  return {.name = "learn",
          .group = "Catalogue",
          .summary = "Learn a projection of embeddings from a catalogue, for method deep",
          .operands = {"CATALOGUE", 1},
          .description = kDescription,
          .flags = std::move(flags),
          .examples = kExamples,
          .run = Run};
}

}  // namespace inlier::cli
