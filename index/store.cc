#include "index/store.h"

#include <algorithm>
#include <unordered_set>

#include "index/store_state.h"

namespace inlier {
namespace {

// Limits of one item. A posting numbers features with 16 bits.
constexpr std::size_t kMaxRecordBytes = 128 << 10;
constexpr std::size_t kMaxFeatures = 65'535;

Status CheckLimits(const ItemRecord& record, std::size_t features) {
  const auto too_much = [](const std::string& what) {
    return Fail(ErrorCode::kInvalidArgument, what);
  };
  if (record.id.empty()) return too_much("an item without an id");
  if (record.id.size() > kMaxIdBytes)
    return too_much(
        fmt::format("the id has {} bytes, more than {}", record.id.size(), kMaxIdBytes));
  std::size_t bytes = record.id.size() + record.image_path.size() + record.content_hash.size();
  for (const auto& [key, value] : record.metadata) bytes += key.size() + value.size();
  if (bytes > kMaxRecordBytes)
    return too_much(fmt::format("{}: path and metadata have {} bytes, more than {}", record.id,
                                bytes, kMaxRecordBytes));
  if (features > kMaxFeatures)
    return too_much(
        fmt::format("{}: {} features, more than {}", record.id, features, kMaxFeatures));
  return {};
}

}  // namespace

Store::Store(std::unique_ptr<StoreState> state) : state_(std::move(state)) {}
Store::~Store() = default;
const std::string& Store::recipe() const { return state_->recipe; }
Counters Store::counters() const { return state_->Current(); }

bool Store::folder_sync_refused() const { return state_->files->folder_sync_refused(); }

std::string Store::loss() const {
  if (!state_->lost_writes) return "";
  return fmt::format(
      "{}: changes that were acknowledged are missing: its log (*.log) is damaged, gone or from an "
      "earlier time",
      state_->name());
}

Result<Store::Written> Store::Add(std::span<const NewItem> items) {
  rocksdb::WriteBatch batch;
  Counters after = state_->Current();
  Written written;
  std::unordered_set<std::string_view> ids;
  for (const NewItem& item : items) {
    INLIER_RETURN_IF_ERROR(CheckLimits(item.record, item.features.size()));
    if (after.next_number == static_cast<ItemNumber>(-1)) {
      return Fail(ErrorCode::kInvalidArgument, "all item numbers of this database have been given");
    }
    if (!ids.insert(item.record.id).second) {
      return Fail(ErrorCode::kInvalidArgument,
                  "the id '" + item.record.id + "' twice in one batch");
    }
    INLIER_ASSIGN_OR_RETURN(const auto old, NumberOf(item.record.id));
    if (old) {
      INLIER_ASSIGN_OR_RETURN(const auto record, Record(*old));
      if (!record) return Fail(ErrorCode::kCorrupt, item.record.id + ": a name without a record");
      state_->StageRemove(batch, *old, *record, after);
      written.replaced.push_back(*old);
    }
    const ItemNumber number = after.next_number++;
    batch.Put(state_->family(kItems), Key(number), EncodeRecord(item.record));
    batch.Put(state_->family(kNames), item.record.id, EncodeNumber(number));
    batch.Put(state_->family(kKeypoints), Key(number), EncodeKeypoints(item.features));
    batch.Put(state_->family(kDescriptors), Key(number), EncodeDescriptors(item.features));
    batch.Put(state_->family(kPreviews), Key(number), EncodePreview(item.preview));
    batch.Put(state_->family(kChanges), Key(++after.last_change),
              EncodeChange({Change::Kind::kAdd, number}));
    after.items += 1;
    after.features += item.record.feature_count;
    written.added.push_back(number);
  }
  INLIER_RETURN_IF_ERROR(state_->Commit(batch, after));
  return written;
}

Result<std::vector<ItemNumber>> Store::Remove(std::span<const std::string> ids) {
  rocksdb::WriteBatch batch;
  Counters after = state_->Current();
  std::vector<ItemNumber> removed;
  for (const std::string& id : ids) {
    INLIER_ASSIGN_OR_RETURN(const auto number, NumberOf(id));
    if (!number) return Fail(ErrorCode::kNotFound, "no item '" + id + "'");
    if (std::find(removed.begin(), removed.end(), *number) != removed.end()) continue;
    INLIER_ASSIGN_OR_RETURN(const auto record, Record(*number));
    if (!record) return Fail(ErrorCode::kCorrupt, id + ": a name without a record");
    state_->StageRemove(batch, *number, *record, after);
    batch.Delete(state_->family(kNames), id);
    removed.push_back(*number);
  }
  INLIER_RETURN_IF_ERROR(state_->Commit(batch, after));
  return removed;
}

Status Store::UpdateRecord(const ItemRecord& record) {
  INLIER_RETURN_IF_ERROR(CheckLimits(record, record.feature_count));
  INLIER_ASSIGN_OR_RETURN(const auto number, NumberOf(record.id));
  if (!number) return Fail(ErrorCode::kNotFound, "no item '" + record.id + "'");
  rocksdb::WriteBatch batch;
  batch.Put(state_->family(kItems), Key(*number), EncodeRecord(record));
  return state_->Commit(batch, state_->Current());
}

Result<std::optional<ItemNumber>> Store::NumberOf(const std::string& id) const {
  return state_->GetDecoded<ItemNumber>(kNames, id, DecodeNumber);
}

Result<std::optional<ItemRecord>> Store::Record(ItemNumber number) const {
  return state_->GetDecoded<ItemRecord>(kItems, Key(number), DecodeRecord);
}

Result<std::optional<Features>> Store::FeaturesOf(ItemNumber number) const {
  const std::array numbers{number};
  const StoreState::BatchedRead read(*state_, numbers);
  const auto keypoints = read.Get(kKeypoints), descriptors = read.Get(kDescriptors);
  if (keypoints.Missing(0) && descriptors.Missing(0)) return std::nullopt;
  INLIER_ASSIGN_OR_RETURN(const auto points, keypoints.At(0));
  INLIER_ASSIGN_OR_RETURN(const auto rows, descriptors.At(0));
  INLIER_ASSIGN_OR_RETURN(Features features, DecodeKeypoints(points));
  INLIER_RETURN_IF_ERROR(DecodeDescriptors(rows, features));
  return features;
}

Result<std::vector<ItemKeypoints>> Store::FetchKeypoints(
    std::span<const ItemNumber> numbers) const {
  const StoreState::BatchedRead read(*state_, numbers);
  const auto records = read.Get(kItems), keypoints = read.Get(kKeypoints);
  std::vector<ItemKeypoints> items;
  items.reserve(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (records.Missing(i)) continue;
    INLIER_ASSIGN_OR_RETURN(const auto record, records.At(i));
    INLIER_ASSIGN_OR_RETURN(const auto points, keypoints.At(i));
    ItemKeypoints item{.number = numbers[i]};
    INLIER_ASSIGN_OR_RETURN(item.record, DecodeRecord(record));
    INLIER_ASSIGN_OR_RETURN(item.features, DecodeKeypoints(points));
    items.push_back(std::move(item));
  }
  return items;
}

Result<std::vector<std::optional<StoredItem>>> Store::FetchDescriptors(
    std::vector<ItemKeypoints> items) const {
  std::vector<ItemNumber> numbers;
  for (const ItemKeypoints& item : items) numbers.push_back(item.number);
  const StoreState::BatchedRead read(*state_, numbers);
  // The record says whether the item is still there. Numbers are not used twice, so the other parts
  // are this item's.
  const auto records = read.Get(kItems), descriptors = read.Get(kDescriptors),
             previews = read.Get(kPreviews);
  std::vector<std::optional<StoredItem>> whole(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (records.Missing(i)) continue;
    INLIER_ASSIGN_OR_RETURN(const auto rows, descriptors.At(i));
    INLIER_ASSIGN_OR_RETURN(const auto preview, previews.At(i));
    StoredItem item{.number = items[i].number,
                    .record = std::move(items[i].record),
                    .features = std::move(items[i].features)};
    INLIER_RETURN_IF_ERROR(DecodeDescriptors(rows, item.features));
    INLIER_ASSIGN_OR_RETURN(item.preview, DecodePreview(preview));
    whole[i] = std::move(item);
  }
  return whole;
}

Status Store::ForEach(const std::function<bool(ItemNumber, const ItemRecord&)>& visit) const {
  return state_->Scan(kItems, {}, [&](const Slice& key, const Slice& value) -> Result<bool> {
    INLIER_ASSIGN_OR_RETURN(const std::uint64_t number, KeyNumber(key));
    INLIER_ASSIGN_OR_RETURN(const ItemRecord record, DecodeRecord(View(value)));
    return visit(static_cast<ItemNumber>(number), record);
  });
}

Status Store::ForEachChange(std::uint64_t after,
                            const std::function<void(const Change&)>& visit) const {
  return state_->Scan(kChanges, Key(after + 1),
                      [&](const Slice&, const Slice& value) -> Result<bool> {
                        INLIER_ASSIGN_OR_RETURN(const Change change, DecodeChange(View(value)));
                        visit(change);
                        return true;
                      });
}

Result<std::vector<Generation>> Store::Generations() const {
  INLIER_ASSIGN_OR_RETURN(auto generations, state_->GetDecoded<std::vector<Generation>>(
                                                kMeta, kManifestKey, DecodeGenerations));
  return std::move(generations).value_or(std::vector<Generation>{});
}

Status Store::PutGenerations(std::span<const Generation> generations) {
  rocksdb::WriteBatch batch;
  batch.Put(state_->family(kMeta), kManifestKey, EncodeGenerations(generations));
  if (!generations.empty()) {
    batch.DeleteRange(state_->family(kChanges), Key(0), Key(generations.back().covered_change + 1));
  }
  INLIER_RETURN_IF_ERROR(state_->Commit(batch, state_->Current()));
  // Moves the content of the write-ahead log into tables. A reader would otherwise replay the log
  // whenever it opens the database.
  const rocksdb::Status flushed = state_->db->Flush({}, state_->handles);
  return flushed.ok() ? Status() : FromRocks(flushed, state_->name());
}

Status Store::Verify(const std::function<void(const std::string&)>& problem) const {
  if (const std::string lost = loss(); !lost.empty()) problem(lost);
  const rocksdb::Status sums = state_->db->VerifyChecksum();
  if (!sums.ok()) problem(FromRocks(sums, state_->name()).value().message);
  const rocksdb::Status files = state_->db->VerifyFileChecksums({});
  if (!files.ok() && sums.ok()) problem(FromRocks(files, state_->name()).value().message);
  Counters seen;
  std::vector<std::pair<ItemNumber, ItemRecord>> records;
  const Status scan = ForEach([&](ItemNumber number, const ItemRecord& record) {
    records.emplace_back(number, record);
    return true;
  });
  if (!scan) problem(scan.error().message);
  for (const auto& entry : records) {
    const ItemNumber number = entry.first;
    const ItemRecord& record = entry.second;
    seen.items += 1;
    seen.features += record.feature_count;
    const auto about = [&](const std::string& what) {
      problem(fmt::format("item '{}' (number {}): {}", record.id, number, what));
    };
    const auto named = NumberOf(record.id);
    if (!named)
      about(named.error().message);
    else if (*named != number)
      about("its name leads elsewhere");
    const auto features = FeaturesOf(number);
    if (!features)
      about(features.error().message);
    else if (!*features)
      about("its features are missing");
    else if ((*features)->size() != record.feature_count)
      about("its number of features is wrong");
    const auto preview = state_->GetDecoded<std::string>(kPreviews, Key(number), DecodePreview);
    if (!preview)
      about(preview.error().message);
    else if (!*preview)
      about("its preview is missing");
  }
  std::uint64_t names = 0;
  const Status name_scan =
      state_->Scan(kNames, {}, [&](const Slice&, const Slice&) -> Result<bool> {
        ++names;
        return true;
      });
  if (!name_scan) problem(name_scan.error().message);
  const Counters counted = state_->Current();
  if (names != seen.items) problem(fmt::format("{} names for {} items", names, seen.items));
  if (seen.items != counted.items || seen.features != counted.features) {
    problem(fmt::format("the header counts {} items and {} features; there are {} and {}",
                        counted.items, counted.features, seen.items, seen.features));
  }
  return {};
}

}  // namespace inlier
