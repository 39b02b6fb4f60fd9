#include "engine/indexer.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/blob.h"
#include "core/image.h"
#include "core/parallel.h"
#include "engine/left_out.h"
#include "engine/preview.h"

namespace inlier {
namespace {

constexpr std::size_t kItemsPerBatch = 64;

bool IsCancelled(const IndexOptions& options) { return options.cancel && options.cancel->load(); }

}  // namespace

struct Indexer::Row {
  enum class Work {
    kNone,          // nobody came to look at it, since the run was cancelled
    kFail,          // the picture cannot be used
    kKeep,          // nothing has changed
    kUpdateRecord,  // the picture is the same, its path or metadata are not
    kAdd,
    kReplace,
  };
  Work work = Work::kNone;
  PictureOutcome outcome;
  NewItem item;

  // Sets what is to be done, and says of it what is true once it is done.
  void Decide(Work decided, std::uint32_t features);
};

DecodeOptions Indexer::decode_options() const {
  return {.least_side_px = extractor_.least_side_px()};
}

void Indexer::Row::Decide(Work decided, std::uint32_t features) {
  using Kind = PictureOutcome::Kind;
  work = decided;
  outcome.features = features;
  outcome.kind = decided == Work::kKeep  ? Kind::kUnchanged
                 : decided == Work::kAdd ? Kind::kAdded
                                         : Kind::kUpdated;
}

NewItem Indexer::Describe(ItemRecord record, const Image& image) const {
  NewItem item{.record = std::move(record), .features = extractor_.ExtractItem(image)};
  item.record.feature_count = static_cast<std::uint32_t>(item.features.size());
  item.record.width_px = static_cast<std::uint32_t>(FullWidth_px(image));
  item.record.height_px = static_cast<std::uint32_t>(FullHeight_px(image));
  item.preview = MakePreview(image);
  return item;
}

Result<NewItem> Indexer::Describe(const ItemToAdd& item) const {
  ItemRecord record{.id = item.id, .metadata = item.metadata};
  if (const auto* image = std::get_if<Image>(&item.picture)) {
    if (image->empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
    record.content_hash = ContentHash(image->pixels);
    return Describe(std::move(record), *image);
  }
  const auto* path = std::get_if<std::filesystem::path>(&item.picture);
  std::vector<std::uint8_t> read;
  if (path != nullptr) {
    auto bytes = ReadFileBytes(*path, DecodeLimits{}.max_file_bytes);
    if (!bytes) return Within(path->string(), bytes.error());
    read = std::move(*bytes);
    record.image_path = std::filesystem::absolute(*path).string();
  }
  const auto& bytes = path != nullptr ? read : std::get<std::vector<std::uint8_t>>(item.picture);
  record.content_hash = ContentHash(bytes);
  const auto picture = DecodePicture(bytes, decode_options());
  if (!picture)
    return path != nullptr ? Within(path->string(), picture.error())
                           : tl::unexpected(picture.error());
  return Describe(std::move(record), picture->image);
}

Status Indexer::Add(const std::string& id, const std::filesystem::path& image,
                    const Metadata& metadata) {
  INLIER_ASSIGN_OR_RETURN(NewItem item, Describe(ItemToAdd{id, image, metadata}));
  std::vector<NewItem> items;
  items.push_back(std::move(item));
  return collection_.Add(std::move(items));
}

Result<std::vector<Status>> Indexer::AddBatch(std::span<const ItemToAdd> items, int threads) {
  std::unordered_set<std::string_view> ids;
  for (const ItemToAdd& item : items) {
    if (item.id.empty()) return Fail(ErrorCode::kInvalidArgument, "an item without an id");
    if (!ids.insert(item.id).second) {
      return Fail(ErrorCode::kInvalidArgument, fmt::format("the id '{}' is there twice", item.id));
    }
  }
  std::vector<Result<NewItem>> described(items.size(), NewItem{});
  ParallelFor(items.size(), threads, [&](std::size_t i) { described[i] = Describe(items[i]); });
  std::vector<Status> outcomes(items.size());
  std::vector<NewItem> usable;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (described[i]) {
      usable.push_back(std::move(*described[i]));
    } else {
      outcomes[i] = tl::unexpected(described[i].error());
    }
  }
  if (!usable.empty()) INLIER_RETURN_IF_ERROR(collection_.Add(std::move(usable)));
  return outcomes;
}

Result<Indexer::Row> Indexer::Prepare(const CatalogueEntry& entry) const {
  INLIER_ASSIGN_OR_RETURN(const auto bytes,
                          ReadFileBytes(entry.images.front(), DecodeLimits{}.max_file_bytes));
  ItemRecord record{.id = entry.id,
                    .image_path = entry.images.front().string(),
                    .content_hash = ContentHash(bytes),
                    .metadata = entry.metadata};
  INLIER_ASSIGN_OR_RETURN(const auto known, collection_.Find(entry.id));
  Row row;
  if (known && known->content_hash == record.content_hash) {
    const bool same = known->metadata == record.metadata && known->image_path == record.image_path;
    row.Decide(same ? Row::Work::kKeep : Row::Work::kUpdateRecord, known->feature_count);
    row.item.record = *known;
    row.item.record.metadata = record.metadata;
    row.item.record.image_path = record.image_path;
    return row;
  }
  INLIER_ASSIGN_OR_RETURN(const DecodedPicture picture, DecodePicture(bytes, decode_options()));
  row.item = Describe(std::move(record), picture.image);
  row.outcome.warnings = picture.warnings;
  row.Decide(known ? Row::Work::kReplace : Row::Work::kAdd, row.item.record.feature_count);
  return row;
}

std::vector<Indexer::Row> Indexer::PrepareBatch(std::span<const CatalogueEntry> entries,
                                                std::size_t total, const IndexOptions& options) {
  std::vector<Row> rows(entries.size());
  std::mutex mutex;
  ParallelFor(entries.size(), options.threads, [&](std::size_t i) {
    if (IsCancelled(options)) return;
    if (auto row = Prepare(entries[i])) {
      rows[i] = std::move(*row);
    } else {
      rows[i].work = Row::Work::kFail;
      rows[i].outcome.error = std::move(row.error());
    }
    std::lock_guard lock(mutex);
    ++prepared_;
    if (options.progress) options.progress({"extract", prepared_, total});
  });
  return rows;
}

Status Indexer::Store(std::vector<Row>& rows) {
  std::vector<NewItem> items;
  for (Row& row : rows) {
    if (row.work == Row::Work::kUpdateRecord) {
      INLIER_RETURN_IF_ERROR(collection_.UpdateRecord(row.item.record));
    } else if (row.work == Row::Work::kAdd || row.work == Row::Work::kReplace) {
      items.push_back(std::move(row.item));
    }
  }
  return items.empty() ? Status() : collection_.Add(std::move(items));
}

void Indexer::Report(std::span<const CatalogueEntry> entries, std::span<const Row> rows,
                     const IndexOptions& options, IndexReport& report) {
  using Kind = PictureOutcome::Kind;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].work == Row::Work::kNone) continue;
    const PictureOutcome& outcome = rows[i].outcome;
    report.added += outcome.kind == Kind::kAdded;
    report.updated += outcome.kind == Kind::kUpdated;
    report.unchanged += outcome.kind == Kind::kUnchanged;
    if (outcome.kind == Kind::kFailed) {
      ++report.failed;
      ++report.causes[std::string(CauseOf(outcome.error))];
    } else if (outcome.features == 0) {
      ++report.without_features;
    }
    if (options.outcome) options.outcome(entries[i], outcome);
  }
}

// The entries of the catalogue stand for their items whether their pictures could be read or not.
// A file that was left out may be an item's picture in a form that we do not read.
Status Indexer::Prune(const Catalogue& catalogue, const IndexOptions& options,
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

Result<IndexReport> Indexer::IndexCatalogue(const Catalogue& catalogue,
                                            const IndexOptions& options) {
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
  return report;
}

}  // namespace inlier
