#include "cli/index_output.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "cli/catalogue.h"
#include "cli/console.h"
#include "engine/left_out.h"
#include "wire/writer.h"

namespace inlier::cli {
namespace {

// "damaged 3, not a picture 1": the most frequent first.
std::string CausesText(const IndexReport& report) {
  std::vector<std::pair<std::string, std::size_t>> causes(report.causes.begin(),
                                                          report.causes.end());
  std::ranges::stable_sort(causes, std::ranges::greater(), [](const auto& c) { return c.second; });
  std::string text;
  for (const auto& [cause, pictures] : causes) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", cause, pictures);
  }
  return text;
}

// "37 pictures stand under 121 ids; 14 items are twins"
std::string TwinsText(const IndexReport& report) {
  std::string text;
  if (report.shared_pictures == 1) {
    text = fmt::format("1 picture stands under {} ids", report.ids_of_shared);
  } else if (report.shared_pictures > 1) {
    text =
        fmt::format("{} pictures stand under {} ids", report.shared_pictures, report.ids_of_shared);
  }
  if (report.items_with_twins > 0) {
    text += fmt::format("{}{} items are twins", text.empty() ? "" : "; ", report.items_with_twins);
  }
  return text;
}

std::string TotalsText(const IndexReport& report, const std::string& database) {
  std::string text =
      fmt::format("{} added, {} updated, {} unchanged, {} removed, {} failed\n", report.added,
                  report.updated, report.unchanged, report.removed, report.failed);
  if (report.failed > 0) text += fmt::format("failed: {}\n", CausesText(report));
  if (report.removed_pictures > 0)
    text += fmt::format("pictures removed: {}\n", report.removed_pictures);
  if (report.stale_pictures > 0) {
    text += fmt::format(
        "pictures that the catalogue no longer has: {}; they stay unless --prune is given\n",
        report.stale_pictures);
  }
  if (const std::string twins = TwinsText(report); !twins.empty())
    text += fmt::format("{}: inlier twins --db {}\n", twins, database);
  if (report.without_features > 0) {
    text += fmt::format("without features: {}\n", report.without_features);
  }
  return text;
}

}  // namespace

IndexOutput::IndexOutput(const std::string& format, bool quiet, const Catalogue& catalogue,
                         std::string database)
    : is_json_(format == "jsonl"),
      quiet_(quiet),
      catalogue_(catalogue),
      database_(std::move(database)) {
  if (!is_json_) return;
  for (const auto& rejected : catalogue.rejected) Print(wire::RejectedLine(rejected));
}

void IndexOutput::Picture(const CatalogueEntry& entry, const PictureOutcome& outcome) const {
  if (is_json_) Print(wire::OutcomeLine(entry, outcome));
  const std::string name = fmt::format("{} ({})", entry.id, outcome.image.string());
  for (const std::string& warning : outcome.warnings) Complain(name + ": warning: " + warning);
  if (outcome.kind == PictureOutcome::Kind::kFailed) {
    Complain(name + ": " + outcome.error.message);
  } else if (outcome.features == 0 && entry.images.size() > 1) {
    Complain(name + ": no features were found in this image");
  } else if (outcome.features == 0) {
    ComplainThatNoPhotoCanFind(name);
  }
}

void IndexOutput::Spared(const std::string& id, const std::string& file) {
  Complain(fmt::format("{}: not removed, since the file {} was left out", id, file));
}

void IndexOutput::Totals(const IndexReport& report) const {
  Print(is_json_ ? wire::IndexTotalsLine(report, catalogue_.left_out)
                 : TotalsText(report, database_));
  const std::string left_out = LeftOutText(catalogue_.left_out);
  if (!left_out.empty() && !quiet_) Complain(left_out);
}

}  // namespace inlier::cli
