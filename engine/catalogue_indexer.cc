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

// A batch is written at once. It has as many items as have this many pictures together, or one item
// that has more.
constexpr std::size_t kPicturesPerBatch = 64;

using Kind = PictureOutcome::Kind;

// The first entries, for one batch. There is at least one.
std::span<const CatalogueEntry> FirstBatch(std::span<const CatalogueEntry> entries) {
  std::size_t count = 0, pictures = 0;
  do {
    pictures += std::max<std::size_t>(entries[count++].images.size(), 1);
  } while (count < entries.size() && pictures + entries[count].images.size() <= kPicturesPerBatch);
  return entries.first(count);
}

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
  std::optional<ItemRecord> known;              // the item as it is stored
  std::vector<PictureOutcome> pictures;         // in the order of the entry
  std::vector<std::optional<NewPicture>> read;  // of `pictures`; absent: failed
  std::size_t unread = 0;                       // pictures that nobody has looked at yet
  std::optional<Kind> item;  // what is done about the item; absent when it was not looked at
  ItemUpdate update;         // of an item that is added or updated
  std::uint64_t features = 0;
  std::size_t removed_pictures = 0;
  std::size_t stale_pictures = 0;  // that the catalogue no longer names, and that stay

  void Fail(const Error& error) {
    item = Kind::kFailed;
    for (PictureOutcome& outcome : pictures)
      outcome = {.image = std::move(outcome.image), .error = error};
  }
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

Result<CatalogueIndexer::Row> CatalogueIndexer::Begin(const CatalogueEntry& entry) const {
  Row row{.unread = entry.images.size()};
  INLIER_ASSIGN_OR_RETURN(row.known, collection_.Find(entry.id));
  for (const std::filesystem::path& image : entry.images) row.pictures.push_back({.image = image});
  row.read.resize(row.unread);
  return row;
}

void CatalogueIndexer::Decide(const CatalogueEntry& entry, bool prune, Row& row) {
  using Others = ItemUpdate::Others;
  row.update = {.id = entry.id,
                .metadata = entry.metadata,
                .pictures = {},
                .others = prune ? Others::kAreDropped : Others::kFollow};
  for (std::size_t i = 0; i < row.pictures.size(); ++i) {
    if (row.read[i]) {
      row.update.pictures.push_back(std::move(*row.read[i]));
    } else if (const PictureRecord* old = FindPicture(row.known, entry.images[i].string(), "")) {
      // A picture that cannot be read now stays as it was.
      row.update.pictures.push_back({.record = *old, .face = {}});
    }
  }
  for (const NewPicture& picture : row.update.pictures)
    row.features += picture.record.feature_count;
  if (!row.known) {
    row.item = row.update.pictures.empty() ? Kind::kFailed : Kind::kAdded;
    return;
  }
  // An item none of whose pictures can be read keeps those that it has, even while pruning.
  if (row.update.pictures.empty()) row.update.others = Others::kFollow;
  row.item = ChangesNothing(row.update, *row.known) ? Kind::kUnchanged : Kind::kUpdated;
  if (row.update.metadata != row.known->metadata) {
    for (PictureOutcome& outcome : row.pictures)
      if (outcome.kind == Kind::kUnchanged) outcome.kind = Kind::kUpdated;
  }
  const bool drops = row.update.others == Others::kAreDropped;
  for (const PictureRecord& old : row.known->pictures) {
    const bool is_named = std::ranges::any_of(
        row.update.pictures, [&old](const NewPicture& p) { return IsSamePicture(p.record, old); });
    if (is_named) continue;
    ++(drops ? row.removed_pictures : row.stale_pictures);
    if (!drops) row.features += old.feature_count;
  }
}

Result<std::vector<CatalogueIndexer::Row>> CatalogueIndexer::PrepareBatch(
    std::span<const CatalogueEntry> entries, std::size_t total, const IndexOptions& options) {
  std::vector<Row> rows;
  std::vector<std::pair<std::size_t, std::size_t>> pictures;  // and the rows that they are of
  for (const CatalogueEntry& entry : entries) {
    INLIER_ASSIGN_OR_RETURN(Row row, Begin(entry));
    for (std::size_t i = 0; i < row.unread; ++i) pictures.emplace_back(rows.size(), i);
    rows.push_back(std::move(row));
  }
  std::mutex mutex;
  ParallelFor(pictures.size(), options.threads, [&](std::size_t k) {
    if (IsCancelled(options)) return;
    const auto [of, i] = pictures[k];
    Row& row = rows[of];
    if (auto picture = PreparePicture(entries[of].images[i], row.known, row.pictures[i]))
      row.read[i] = std::move(*picture);
    else
      row.pictures[i].error = std::move(picture.error());
    std::lock_guard lock(mutex);
    if (--row.unread > 0) return;
    ++prepared_;
    if (options.progress) options.progress({"extract", prepared_, total});
  });
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].unread == 0) Decide(entries[i], options.prune, rows[i]);
  return rows;
}

Status CatalogueIndexer::Store(std::vector<Row>& rows) {
  std::vector<ItemUpdate> updates;
  std::vector<Row*> written;
  for (Row& row : rows) {
    if (row.item != Kind::kAdded && row.item != Kind::kUpdated) continue;
    updates.push_back(std::move(row.update));
    written.push_back(&row);
  }
  if (updates.empty()) return {};
  Status stored = collection_.Put(updates);
  if (stored || stored.error().code != ErrorCode::kInvalidArgument) return stored;
  // One of them is refused, for example because it has too much metadata. The others are written.
  for (std::size_t i = 0; i < updates.size(); ++i) {
    std::vector<ItemUpdate> one;
    one.push_back(std::move(updates[i]));
    stored = collection_.Put(one);
    if (stored) continue;
    if (stored.error().code != ErrorCode::kInvalidArgument) return stored;
    written[i]->Fail(stored.error());
  }
  return {};
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
    for (const PictureOutcome& outcome : row.pictures) {
      if (outcome.kind == Kind::kFailed) {
        ++report.failed;
        ++report.causes[std::string(CauseOf(outcome.error))];
      }
      if (options.outcome) options.outcome(entries[i], outcome);
    }
    if (row.item != Kind::kFailed && row.features == 0) ++report.without_features;
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
                            "their items: correct the rows, or index without pruning",
                            catalogue.rejected.size()));
  }
  INLIER_RETURN_IF_ERROR(collection_.CheckWritable());
  IndexReport report;
  std::span<const CatalogueEntry> rest = catalogue.entries;
  while (!rest.empty() && !IsCancelled(options)) {
    const auto batch = FirstBatch(rest);
    rest = rest.subspan(batch.size());
    INLIER_ASSIGN_OR_RETURN(std::vector<Row> rows,
                            PrepareBatch(batch, catalogue.entries.size(), options));
    INLIER_RETURN_IF_ERROR(Store(rows));
    Report(batch, rows, options, report);
    if (!IsCancelled(options) && collection_.CheckpointDue()) {
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
  INLIER_RETURN_IF_ERROR(SeekTwins(collection_, collection_.twins_sought(), engine_options_,
                                   options.threads, options.progress, options.cancel));
  INLIER_ASSIGN_OR_RETURN(const TwinCounts twins, CountTwins(collection_));
  report.shared_pictures = twins.shared_pictures;
  report.ids_of_shared = twins.ids_of_shared;
  report.items_with_twins = twins.items_with_twins;
  return report;
}

}  // namespace inlier
