#include "engine/catalogue_indexer.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "core/blob.h"
#include "core/image.h"
#include "core/parallel.h"
#include "engine/left_out.h"
#include "engine/twin_groups.h"
#include "engine/twins.h"

namespace inlier {
namespace {

constexpr std::size_t kItemsPerBatch = 64;

using Kind = PictureOutcome::Kind;

bool IsCancelled(const IndexOptions& options) { return options.cancel && options.cancel->load(); }

// The picture of an item that a file of the catalogue stands for: the one of that path, or one that
// has the same content and was found elsewhere before.
const PictureRecord* FindPicture(const std::optional<ItemRecord>& item, const std::string& path,
                                 const std::string& content_hash) {
  if (!item) return nullptr;
  const auto by_path =
      std::ranges::find(item->pictures, path, [](const PictureRecord& p) { return p.path; });
  if (by_path != item->pictures.end()) return &*by_path;
  const auto by_content = std::ranges::find(item->pictures, content_hash,
                                            [](const PictureRecord& p) { return p.content_hash; });
  return by_content != item->pictures.end() ? &*by_content : nullptr;
}

// True when writing the update would change nothing.
bool ChangesNothing(const ItemUpdate& update, const ItemRecord& known) {
  if (update.metadata != known.metadata) return false;
  const bool drops = update.others == ItemUpdate::Others::kAreDropped &&
                     known.pictures.size() > update.pictures.size();
  if (drops || known.pictures.size() < update.pictures.size()) return false;
  for (std::size_t i = 0; i < update.pictures.size(); ++i) {
    if (update.pictures[i].face || update.pictures[i].record != known.pictures[i]) return false;
  }
  return true;
}

}  // namespace

struct CatalogueIndexer::Row {
  std::optional<Kind> item;  // what is done about the item; absent when nobody came to look at it
  ItemUpdate update;         // of an item that is added or updated
  std::vector<PictureOutcome> pictures;  // in the order of the entry
  std::size_t removed_pictures = 0;
  std::size_t stale_pictures = 0;  // that the catalogue no longer names, and that stay
};

Result<NewPicture> CatalogueIndexer::PreparePicture(const std::filesystem::path& image,
                                                    const std::optional<ItemRecord>& known,
                                                    PictureOutcome& outcome) const {
  INLIER_ASSIGN_OR_RETURN(const auto bytes, ReadFileBytes(image, DecodeLimits{}.max_file_bytes));
  PictureRecord record{.path = image.string(), .content_hash = ContentHash(bytes)};
  const PictureRecord* const old = FindPicture(known, record.path, record.content_hash);
  if (old != nullptr && old->content_hash == record.content_hash) {
    outcome.kind = old->path == record.path ? Kind::kUnchanged : Kind::kUpdated;
    outcome.features = old->feature_count;
    NewPicture same{.record = *old, .face = {}};
    same.record.path = record.path;
    return same;
  }
  INLIER_ASSIGN_OR_RETURN(PictureMaker::Made made, maker_.Make(std::move(record), bytes));
  outcome.kind = old != nullptr ? Kind::kUpdated : Kind::kAdded;
  outcome.features = made.picture.record.feature_count;
  outcome.warnings = std::move(made.warnings);
  return std::move(made.picture);
}

Result<CatalogueIndexer::Row> CatalogueIndexer::Prepare(const CatalogueEntry& entry,
                                                        const IndexOptions& options) const {
  INLIER_ASSIGN_OR_RETURN(const auto known, collection_.Find(entry.id));
  Row row{.update = {.id = entry.id,
                     .metadata = entry.metadata,
                     .pictures = {},
                     .others = options.prune ? ItemUpdate::Others::kAreDropped
                                             : ItemUpdate::Others::kFollow}};
  for (const std::filesystem::path& image : entry.images) {
    PictureOutcome& outcome = row.pictures.emplace_back(PictureOutcome{.image = image});
    auto picture = PreparePicture(image, known, outcome);
    if (picture) {
      row.update.pictures.push_back(std::move(*picture));
      continue;
    }
    outcome.error = std::move(picture.error());
    // A picture that cannot be read now stays as it was.
    if (const PictureRecord* old = FindPicture(known, image.string(), ""))
      row.update.pictures.push_back({.record = *old, .face = {}});
  }
  if (row.update.pictures.empty() && !known) {
    row.item = Kind::kFailed;
    return row;
  }
  if (!known) {
    row.item = Kind::kAdded;
    return row;
  }
  // An item none of whose pictures can be read keeps those that it has, also while pruning.
  if (row.update.pictures.empty()) row.update.others = ItemUpdate::Others::kFollow;
  row.item = ChangesNothing(row.update, *known) ? Kind::kUnchanged : Kind::kUpdated;
  if (row.update.metadata != known->metadata) {
    for (PictureOutcome& outcome : row.pictures)
      if (outcome.kind == Kind::kUnchanged) outcome.kind = Kind::kUpdated;
  }
  const auto stale = static_cast<std::size_t>(
      std::ranges::count_if(known->pictures, [&row](const PictureRecord& old) {
        return std::ranges::none_of(row.update.pictures, [&old](const NewPicture& picture) {
          return picture.record.path == old.path || picture.record.content_hash == old.content_hash;
        });
      }));
  const bool drops = row.update.others == ItemUpdate::Others::kAreDropped;
  (drops ? row.removed_pictures : row.stale_pictures) = stale;
  return row;
}

std::vector<CatalogueIndexer::Row> CatalogueIndexer::PrepareBatch(
    std::span<const CatalogueEntry> entries, std::size_t total, const IndexOptions& options) {
  std::vector<Row> rows(entries.size());
  std::mutex mutex;
  ParallelFor(entries.size(), options.threads, [&](std::size_t i) {
    if (IsCancelled(options)) return;
    if (auto row = Prepare(entries[i], options)) {
      rows[i] = std::move(*row);
    } else {
      rows[i].item = Kind::kFailed;
      for (const std::filesystem::path& image : entries[i].images)
        rows[i].pictures.push_back({.image = image, .error = row.error()});
    }
    std::lock_guard lock(mutex);
    ++prepared_;
    if (options.progress) options.progress({"extract", prepared_, total});
  });
  return rows;
}

Status CatalogueIndexer::Store(std::vector<Row>& rows) {
  std::vector<ItemUpdate> updates;
  for (Row& row : rows) {
    if (row.item == Kind::kAdded || row.item == Kind::kUpdated)
      updates.push_back(std::move(row.update));
  }
  return updates.empty() ? Status() : collection_.Put(std::move(updates));
}

void CatalogueIndexer::Report(std::span<const CatalogueEntry> entries, std::span<const Row> rows,
                              const IndexOptions& options, IndexReport& report) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (!row.item) continue;
    report.added += row.item == Kind::kAdded;
    report.updated += row.item == Kind::kUpdated;
    report.unchanged += row.item == Kind::kUnchanged;
    report.removed_pictures += row.removed_pictures;
    report.stale_pictures += row.stale_pictures;
    std::uint64_t features = 0;
    for (const PictureOutcome& outcome : row.pictures) {
      features += outcome.features;
      if (outcome.kind == Kind::kFailed) {
        ++report.failed;
        ++report.causes[std::string(CauseOf(outcome.error))];
      }
      if (options.outcome) options.outcome(entries[i], outcome);
    }
    if (row.item != Kind::kFailed && features == 0) ++report.without_features;
  }
}

// The entries of the catalogue stand for their items whether their pictures could be read or not.
// A file that was left out may be an item's picture in a form that we do not read.
Status CatalogueIndexer::Prune(const Catalogue& catalogue, const IndexOptions& options,
                               IndexReport& report) {
  std::unordered_set<std::string_view> kept;
  for (const CatalogueEntry& entry : catalogue.entries) kept.insert(entry.id);
  std::unordered_map<std::string, std::string_view> left_out;  // files by the id they would have
  for (const LeftOut& kind : catalogue.left_out) {
    for (const std::string& file : kind.files) left_out.try_emplace(IdOfFile(file), file);
  }
  std::vector<std::string> gone;
  INLIER_RETURN_IF_ERROR(collection_.ForEach([&](ItemNumber, const ItemRecord& record) {
    if (kept.contains(record.id)) return true;
    if (const auto file = left_out.find(record.id); file == left_out.end()) {
      gone.push_back(record.id);
    } else {
      ++report.spared;
      if (options.spared) options.spared(record.id, std::string(file->second));
    }
    return true;
  }));
  if (!gone.empty()) INLIER_RETURN_IF_ERROR(collection_.Remove(gone));
  report.removed = gone.size();
  return {};
}

Result<IndexReport> CatalogueIndexer::Run(const Catalogue& catalogue, const IndexOptions& options) {
  if (options.prune && !catalogue.rejected.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} rows of the catalogue could not be read, and pruning would remove "
                            "their items: mend the rows, or index without pruning",
                            catalogue.rejected.size()));
  }
  IndexReport report;
  const std::span<const CatalogueEntry> all = catalogue.entries;
  for (std::size_t begin = 0; begin < all.size() && !IsCancelled(options);
       begin += kItemsPerBatch) {
    const auto batch = all.subspan(begin, std::min(kItemsPerBatch, all.size() - begin));
    std::vector<Row> rows = PrepareBatch(batch, all.size(), options);
    INLIER_RETURN_IF_ERROR(Store(rows));
    Report(batch, rows, options, report);
    if (collection_.CheckpointDue()) {
      INLIER_RETURN_IF_ERROR(collection_.Checkpoint(options.progress));
    }
  }
  if (IsCancelled(options)) {
    return Fail(ErrorCode::kCancelled,
                fmt::format("interrupted; {} items were stored", report.added + report.updated));
  }
  if (options.prune) INLIER_RETURN_IF_ERROR(Prune(catalogue, options, report));
  INLIER_RETURN_IF_ERROR(collection_.Checkpoint(options.progress));
  // The index is complete now, so that every face can find every other one.
  INLIER_RETURN_IF_ERROR(
      SeekTwins(collection_, engine_options_, options.threads, options.progress, options.cancel));
  INLIER_ASSIGN_OR_RETURN(const TwinCounts twins, CountTwins(collection_));
  report.shared_pictures = twins.shared_pictures;
  report.ids_of_shared = twins.ids_of_shared;
  report.items_with_twins = twins.items_with_twins;
  return report;
}

}  // namespace inlier
