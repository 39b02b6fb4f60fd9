#include "engine/indexer.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/blob.h"
#include "core/image.h"
#include "core/parallel.h"
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
  Error error;
  NewItem item;
};

DecodeOptions Indexer::decode_options() const {
  return {.least_side_px = extractor_.least_side_px()};
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
                          ReadFileBytes(entry.image, DecodeLimits{}.max_file_bytes));
  ItemRecord record{.id = entry.id,
                    .image_path = entry.image.string(),
                    .content_hash = ContentHash(bytes),
                    .metadata = entry.metadata};
  INLIER_ASSIGN_OR_RETURN(const auto known, collection_.Find(entry.id));
  Row row;
  if (known && known->content_hash == record.content_hash) {
    if (known->metadata == record.metadata && known->image_path == record.image_path) {
      row.work = Row::Work::kKeep;
      return row;
    }
    row.work = Row::Work::kUpdateRecord;
    row.item.record = *known;
    row.item.record.metadata = record.metadata;
    row.item.record.image_path = record.image_path;
    return row;
  }
  INLIER_ASSIGN_OR_RETURN(const DecodedPicture picture, DecodePicture(bytes, decode_options()));
  row.work = known ? Row::Work::kReplace : Row::Work::kAdd;
  row.item = Describe(std::move(record), picture.image);
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
      rows[i].error = std::move(row.error());
    }
    std::lock_guard lock(mutex);
    ++prepared_;
    if (options.progress) options.progress({"extract", prepared_, total});
  });
  return rows;
}

Status Indexer::Store(std::span<const CatalogueEntry> entries, std::vector<Row> rows,
                      const IndexOptions& options, IndexReport& report) {
  std::vector<NewItem> items;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Row& row = rows[i];
    switch (row.work) {
      case Row::Work::kNone:
        break;
      case Row::Work::kFail:
        ++report.failed;
        if (options.failed) options.failed(entries[i], row.error);
        break;
      case Row::Work::kKeep:
        ++report.unchanged;
        break;
      case Row::Work::kUpdateRecord:
        INLIER_RETURN_IF_ERROR(collection_.UpdateRecord(row.item.record));
        ++report.updated;
        break;
      case Row::Work::kAdd:
        ++report.added;
        items.push_back(std::move(row.item));
        break;
      case Row::Work::kReplace:
        ++report.updated;
        items.push_back(std::move(row.item));
        break;
    }
  }
  return items.empty() ? Status() : collection_.Add(std::move(items));
}

Result<std::size_t> Indexer::Prune(const Catalogue& catalogue) {
  std::unordered_set<std::string_view> kept;
  for (const CatalogueEntry& entry : catalogue.entries) kept.insert(entry.id);
  std::vector<std::string> gone;
  INLIER_RETURN_IF_ERROR(collection_.ForEach([&](ItemNumber, const ItemRecord& record) {
    if (!kept.contains(record.id)) gone.push_back(record.id);
    return true;
  }));
  if (!gone.empty()) INLIER_RETURN_IF_ERROR(collection_.Remove(gone));
  return gone.size();
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
    INLIER_RETURN_IF_ERROR(Store(batch, PrepareBatch(batch, all.size(), options), options, report));
    if (collection_.CheckpointDue()) {
      INLIER_RETURN_IF_ERROR(collection_.Checkpoint(options.progress));
    }
  }
  if (IsCancelled(options)) {
    return Fail(ErrorCode::kCancelled,
                fmt::format("interrupted; {} items were stored", report.added + report.updated));
  }
  if (options.prune) {
    INLIER_ASSIGN_OR_RETURN(report.removed, Prune(catalogue));
  }
  INLIER_RETURN_IF_ERROR(collection_.Checkpoint(options.progress));
  return report;
}

}  // namespace inlier
