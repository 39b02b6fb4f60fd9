#include "index/store.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <thread>
#include <unordered_set>

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include "index/codec.h"

namespace inlier {
namespace {

using rocksdb::ColumnFamilyHandle;
using rocksdb::Slice;

enum Family { kMeta, kItems, kNames, kKeypoints, kDescriptors, kPreviews, kChanges, kFamilies };
const std::array<std::string, kFamilies> kFamilyNames = {
    rocksdb::kDefaultColumnFamilyName, "items", "names", "keypoints", "descriptors", "previews", "changes"};
const Slice kHeaderKey("header");
const Slice kManifestKey("manifest");

constexpr int kMostAttempts = 1000;  // of a reader to open
constexpr int kSameAttempts = 10;    // that fail in the same way

class SilentLogger final : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
};

// Fixed width and big-endian, so that RocksDB's byte order is the numbers' order.
std::string Key(std::uint64_t number) {
  std::string key(8, '\0');
  for (int i = 0; i < 8; ++i) key[static_cast<std::size_t>(7 - i)] = static_cast<char>(number >> 8 * i);
  return key;
}

Result<std::uint64_t> KeyNumber(const Slice& key) {
  if (key.size() != 8) return Fail(ErrorCode::kCorrupt, fmt::format("a key of {} bytes", key.size()));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<std::uint8_t>(key[i]);
  return number;
}

// RocksDB speaks of corruption when a file that its list names is not there.
bool FileIsGone(const rocksdb::Status& status) { return status.ToString().find("No such file") != std::string::npos; }

std::string_view View(const Slice& slice) { return {slice.data(), slice.size()}; }

tl::unexpected<Error> FromRocks(const rocksdb::Status& status, const std::string& what) {
  const std::string text = status.ToString();
  if (status.IsCorruption()) return Fail(ErrorCode::kCorrupt, what + ": " + text);
  if (status.IsNoSpace() || text.find("No space left") != std::string::npos) {
    return Fail(ErrorCode::kIo, what + ": the disk is full");
  }
  if (text.find("LOCK") != std::string::npos || text.find("lock hold by") != std::string::npos) {
    const bool denied = text.find("ermission denied") != std::string::npos;
    return denied ? Fail(ErrorCode::kIo, what + ": permission denied")
                  : Fail(ErrorCode::kBusy, what + ": another process is writing to it");
  }
  if (text.find("ermission denied") != std::string::npos) {
    return Fail(ErrorCode::kIo, what + ": permission denied");
  }
  return Fail(ErrorCode::kIo, what + ": " + text);
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family) {
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kLZ4Compression;
  if (family == kKeypoints || family == kDescriptors || family == kPreviews) {
    // Incompressible. They stay in tables all the same: blob files would spare compactions the copying,
    // but a reader opens them late, when a writer may have deleted them.
    options.compression = rocksdb::kNoCompression;
  }
  return options;
}

}  // namespace

struct Store::State {
  std::filesystem::path folder;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<ColumnFamilyHandle*> handles;
  std::string recipe;
  mutable std::mutex mutex;  // guards `counters`
  Counters counters;

  ~State() {
    for (ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
    if (db) db->Close();
  }
  std::string name() const { return folder.string(); }
  ColumnFamilyHandle* family(Family f) const { return handles[f]; }

  Result<std::optional<std::string>> Get(Family f, const Slice& key) const {
    std::string value;
    const rocksdb::Status status = db->Get({}, family(f), key, &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return FromRocks(status, name());
    return value;
  }

  template <class T>
  Result<std::optional<T>> GetDecoded(Family f, const Slice& key,
                                      Result<T> (*decode)(std::string_view)) const {
    INLIER_ASSIGN_OR_RETURN(const auto bytes, Get(f, key));
    if (!bytes) return std::nullopt;
    INLIER_ASSIGN_OR_RETURN(T value, decode(*bytes));
    return value;
  }

  // The batch and the counters that come with it become visible together.
  Status Commit(rocksdb::WriteBatch& batch, const Counters& after) {
    batch.Put(family(kMeta), kHeaderKey, EncodeCounters(after, recipe));
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = db->Write(options, &batch);
    if (!status.ok()) return FromRocks(status, name());
    std::lock_guard lock(mutex);
    counters = after;
    return {};
  }

  Counters Current() const {
    std::lock_guard lock(mutex);
    return counters;
  }

  void StageRemove(rocksdb::WriteBatch& batch, ItemNumber number, const ItemRecord& record,
                   Counters& after) const {
    batch.Delete(family(kItems), Key(number));
    batch.Delete(family(kKeypoints), Key(number));
    batch.Delete(family(kDescriptors), Key(number));
    batch.Delete(family(kPreviews), Key(number));
    batch.Put(family(kChanges), Key(++after.last_change),
              EncodeChange({Change::Kind::kRemove, number}));
    after.items -= 1;
    after.features -= record.feature_count;
  }

  // Values of several items, from several families, all of one moment: an item that is removed meanwhile
  // is there whole or not at all.
  class BatchedRead {
   public:
    BatchedRead(const State& state, std::span<const ItemNumber> numbers)
        : state_(state), numbers_(numbers), snapshot_(state.db.get()) {
      options_.verify_checksums = false;  // every value carries and checks its own
      options_.snapshot = snapshot_.snapshot();
      for (const ItemNumber number : numbers) keys_.push_back(Key(number));
    }

    class Values {
     public:
      Values(const BatchedRead& read, Family f) : read_(read), values_(read.keys_.size()), statuses_(read.keys_.size()) {
        const std::vector<Slice> slices(read.keys_.begin(), read.keys_.end());
        read.state_.db->MultiGet(read.options_, read.state_.family(f), slices.size(), slices.data(), values_.data(),
                                 statuses_.data());
      }
      bool Missing(std::size_t i) const { return statuses_[i].IsNotFound(); }
      Result<std::string_view> At(std::size_t i) const {
        if (statuses_[i].ok()) return View(values_[i]);
        const std::string what = fmt::format("{}: item number {}", read_.state_.name(), read_.numbers_[i]);
        if (Missing(i)) return Fail(ErrorCode::kCorrupt, what + ": a part of it is missing");
        return FromRocks(statuses_[i], what);
      }

     private:
      const BatchedRead& read_;
      std::vector<rocksdb::PinnableSlice> values_;
      std::vector<rocksdb::Status> statuses_;
    };
    Values Get(Family f) const { return Values(*this, f); }

   private:
    const State& state_;
    std::span<const ItemNumber> numbers_;
    rocksdb::ManagedSnapshot snapshot_;
    rocksdb::ReadOptions options_;
    std::vector<std::string> keys_;
  };

  template <class Visit>
  Status Scan(Family f, const std::string& from, const Visit& visit) const {
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}, family(f)));
    for (it->Seek(from); it->Valid(); it->Next()) {
      INLIER_ASSIGN_OR_RETURN(const bool go_on, visit(it->key(), it->value()));
      if (!go_on) return {};
    }
    if (!it->status().ok()) return FromRocks(it->status(), name());
    return {};
  }
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;
const std::string& Store::recipe() const { return state_->recipe; }
Counters Store::counters() const { return state_->Current(); }

Result<std::unique_ptr<Store>> Store::Open(const std::filesystem::path& folder, OpenMode mode,
                                           const std::string& recipe, const std::string& recipe_if_new) {
  std::error_code ec;
  const bool exists = std::filesystem::exists(folder / "CURRENT", ec);
  if (ec == std::errc::permission_denied) {
    return Fail(ErrorCode::kIo, folder.string() + ": permission denied");
  }
  if (!exists && mode != OpenMode::kCreate) {
    return Fail(ErrorCode::kNotFound, folder.string() + ": there is no database here");
  }
  if (mode == OpenMode::kCreate) {
    std::filesystem::create_directories(folder, ec);
    if (ec) return Fail(ErrorCode::kIo, folder.string() + ": " + ec.message());
  }
  rocksdb::DBOptions options;
  options.create_if_missing = mode == OpenMode::kCreate;
  options.create_missing_column_families = mode == OpenMode::kCreate;
  options.info_log = std::make_shared<SilentLogger>();
  options.atomic_flush = true;  // a reader must not see one family's half of a write
  options.max_open_files = -1;  // a reader keeps the files it started with, whatever a writer deletes
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (int f = 0; f < kFamilies; ++f) {
    families.emplace_back(kFamilyNames[static_cast<std::size_t>(f)], FamilyOptions(static_cast<Family>(f)));
  }
  auto state = std::make_unique<State>();
  state->folder = folder;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status;
  // A writer may replace a file between a reader's look at the list and its opening; the next look
  // sees the new list. One that checkpoints over and over replaces some at nearly every look, another one
  // each time; the same file that is missing time after time is lost.
  std::string before;
  for (int attempt = 0, same = 0; attempt < kMostAttempts && same < kSameAttempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(FileIsGone(status) && same == 0 ? 1 : 20));
    status = mode == OpenMode::kRead
                 ? rocksdb::DB::OpenForReadOnly(options, folder.string(), families, &state->handles, &db)
                 : rocksdb::DB::Open(options, folder.string(), families, &state->handles, &db);
    if (status.ok() || mode != OpenMode::kRead) break;
    same = status.ToString() == before ? same + 1 : 0;
    before = status.ToString();
  }
  state->db.reset(db);
  if (status.IsInvalidArgument() && status.ToString().find("olumn famil") != std::string::npos) {
    return Fail(ErrorCode::kIncompatible,
                folder.string() + ": has the layout of another version; index the catalogue into a new folder");
  }
  if (!status.ok()) return FromRocks(status, folder.string());

  auto header = state->GetDecoded<StoreHeader>(kMeta, kHeaderKey, DecodeCounters);
  if (!header) return Within(folder.string(), header.error());
  if (*header) {
    state->recipe = (*header)->recipe;
    state->counters = (*header)->counters;
    if (!recipe.empty() && recipe != state->recipe) {
      return Fail(ErrorCode::kIncompatible,
                  fmt::format("{}: made with other features: it has {}, asked for {}", folder.string(),
                              state->recipe, recipe));
    }
  } else if (mode == OpenMode::kCreate) {
    state->recipe = recipe.empty() ? recipe_if_new : recipe;
    rocksdb::WriteBatch batch;
    INLIER_RETURN_IF_ERROR(state->Commit(batch, {}));
  } else {
    return Fail(ErrorCode::kCorrupt, folder.string() + ": the database has no header");
  }
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Result<Store::Written> Store::Add(std::span<const NewItem> items) {
  rocksdb::WriteBatch batch;
  Counters after = state_->Current();
  Written written;
  std::unordered_set<std::string_view> ids;
  for (const NewItem& item : items) {
    if (!ids.insert(item.record.id).second) {
      return Fail(ErrorCode::kInvalidArgument, "the id '" + item.record.id + "' twice in one batch");
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
  const State::BatchedRead read(*state_, numbers);
  const auto keypoints = read.Get(kKeypoints), descriptors = read.Get(kDescriptors);
  if (keypoints.Missing(0) && descriptors.Missing(0)) return std::nullopt;
  INLIER_ASSIGN_OR_RETURN(const auto points, keypoints.At(0));
  INLIER_ASSIGN_OR_RETURN(const auto rows, descriptors.At(0));
  INLIER_ASSIGN_OR_RETURN(Features features, DecodeKeypoints(points));
  INLIER_RETURN_IF_ERROR(DecodeDescriptors(rows, features));
  return features;
}

Result<std::vector<StoredItem>> Store::Fetch(std::span<const ItemNumber> numbers) const {
  const State::BatchedRead read(*state_, numbers);
  const auto records = read.Get(kItems), keypoints = read.Get(kKeypoints);
  std::vector<StoredItem> items;
  items.reserve(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (records.Missing(i)) continue;
    INLIER_ASSIGN_OR_RETURN(const auto record, records.At(i));
    INLIER_ASSIGN_OR_RETURN(const auto points, keypoints.At(i));
    StoredItem item{.number = numbers[i]};
    INLIER_ASSIGN_OR_RETURN(item.record, DecodeRecord(record));
    INLIER_ASSIGN_OR_RETURN(item.features, DecodeKeypoints(points));
    items.push_back(std::move(item));
  }
  return items;
}

Status Store::Complete(std::span<StoredItem* const> items) const {
  std::vector<ItemNumber> numbers;
  for (const StoredItem* item : items) numbers.push_back(item->number);
  const State::BatchedRead read(*state_, numbers);
  // The record says whether the item is still there; numbers are not reused, so what else there is is its own.
  const auto records = read.Get(kItems), descriptors = read.Get(kDescriptors), previews = read.Get(kPreviews);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (records.Missing(i)) continue;
    INLIER_ASSIGN_OR_RETURN(const auto rows, descriptors.At(i));
    INLIER_ASSIGN_OR_RETURN(const auto preview, previews.At(i));
    INLIER_RETURN_IF_ERROR(DecodeDescriptors(rows, items[i]->features));
    INLIER_ASSIGN_OR_RETURN(items[i]->preview, DecodePreview(preview));
  }
  return {};
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
  return state_->Scan(kChanges, Key(after + 1), [&](const Slice&, const Slice& value) -> Result<bool> {
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
  // Moves what the write-ahead log holds into tables: a reader would replay the log on every opening.
  const rocksdb::Status flushed = state_->db->Flush({}, state_->handles);
  return flushed.ok() ? Status() : FromRocks(flushed, state_->name());
}

Status Store::Verify(const std::function<void(const std::string&)>& problem) const {
  const rocksdb::Status sums = state_->db->VerifyChecksum();
  if (!sums.ok()) problem(FromRocks(sums, state_->name()).value().message);
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
    if (!named) about(named.error().message);
    else if (*named != number) about("its name leads elsewhere");
    const auto features = FeaturesOf(number);
    if (!features) about(features.error().message);
    else if (!*features) about("its features are missing");
    else if ((*features)->size() != record.feature_count) about("its number of features is wrong");
    const auto preview = state_->GetDecoded<std::string>(kPreviews, Key(number), DecodePreview);
    if (!preview) about(preview.error().message);
    else if (!*preview) about("its preview is missing");
  }
  std::uint64_t names = 0;
  const Status name_scan = state_->Scan(kNames, {}, [&](const Slice&, const Slice&) -> Result<bool> {
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
