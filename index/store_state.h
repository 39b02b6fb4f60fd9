#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "index/codec.h"
#include "index/store_files.h"
#include "index/write_mark.h"

namespace inlier {

using rocksdb::ColumnFamilyHandle;
using rocksdb::Slice;

/// Column families, in the order of their handles. By item number: items. By face number: faces,
/// keypoints, descriptors, global features and previews. Ids, the hashes of pixels and metadata
/// (index/field_index.h) lead to these numbers.
enum Family {
  kMeta,
  kItems,
  kIds,
  kFaces,
  kPixels,
  kFields,
  kKeypoints,
  kDescriptors,
  kGlobals,
  kPreviews,
  kChanges,
  kFamilies
};
inline const Slice kHeaderKey("header");
inline const Slice kManifestKey("manifest");
inline const Slice kVocabularyKey("vocabulary");

/// Fixed width and big-endian, so that RocksDB's byte order is the numbers' order.
inline std::string Key(std::uint64_t number) {
  std::string key(8, '\0');
  for (int i = 0; i < 8; ++i)
    key[static_cast<std::size_t>(7 - i)] = static_cast<char>(number >> 8 * i);
  return key;
}

inline Result<std::uint64_t> KeyNumber(const Slice& key) {
  if (key.size() != 8)
    return Fail(ErrorCode::kCorrupt, fmt::format("a key of {} bytes", key.size()));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<std::uint8_t>(key[i]);
  return number;
}

inline std::string_view View(const Slice& slice) { return {slice.data(), slice.size()}; }

/// Turns a failure of RocksDB into an Error: kCorrupt or kIo.
tl::unexpected<Error> FromRocks(const rocksdb::Status& status, const std::string& what);

/// How often RocksDB has slowed down or stopped writes to a family since it opened the database.
std::uint64_t WriteStalls(rocksdb::DB& db, ColumnFamilyHandle* family);

/// An open database of RocksDB, and how values are read from it and changes written.
struct StoreState {
  std::filesystem::path folder;
  std::shared_ptr<StoreFiles> files = std::make_shared<StoreFiles>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);  // outlives db
  std::unique_ptr<rocksdb::DB> db;
  std::vector<ColumnFamilyHandle*> handles;
  std::string recipe;
  WriteMark write_mark;  // open only in a writer
  bool is_reader = false;
  bool lost_writes = false;
  // When it was opened: the number in the write mark, and the list of tables.
  std::uint64_t acknowledged_at_open = 0;
  std::string tables_at_open;
  mutable std::mutex mutex;  // guards `counters`
  Counters counters;

  ~StoreState() {
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

  // True when all changes are there that the header counts and the oldest generation does not
  // cover.
  bool HasEveryChange() const {
    const auto header = GetDecoded<StoreHeader>(kMeta, kHeaderKey, DecodeCounters);
    const auto generations =
        GetDecoded<std::vector<Generation>>(kMeta, kManifestKey, DecodeGenerations);
    if (!header || !*header || !generations) return false;
    const bool any = *generations && !(*generations)->empty();
    std::uint64_t left =
        (*header)->counters.last_change - (any ? (*generations)->back().covered_change : 0);
    const Status scan = Scan(kChanges, {}, [&left](const Slice&, const Slice&) -> Result<bool> {
      --left;
      return true;
    });
    return scan && left == 0;
  }

  // Writes a batch together with the counters after it, synced.
  Status Commit(rocksdb::WriteBatch& batch, const Counters& after) {
    batch.Put(family(kMeta), kHeaderKey, EncodeCounters(after, recipe));
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = db->Write(options, &batch);
    if (!status.ok()) return FromRocks(status, name());
    write_mark.Write(db->GetLatestSequenceNumber());
    lost_writes = false;
    std::lock_guard lock(mutex);
    counters = after;
    return {};
  }

  Counters Current() const {
    std::lock_guard lock(mutex);
    return counters;
  }

  // Reads values of several faces from several families as they were at one moment, so that a face
  // which is being removed is there with all its parts or not at all.
  class BatchedRead {
   public:
    BatchedRead(const StoreState& state, std::span<const FaceNumber> numbers)
        : state_(state), numbers_(numbers), snapshot_(state.db.get()) {
      options_.verify_checksums = false;  // every value carries and checks its own
      options_.snapshot = snapshot_.snapshot();
      for (const FaceNumber number : numbers) keys_.push_back(Key(number));
    }

    class Values {
     public:
      Values(const BatchedRead& read, Family f)
          : read_(read), values_(read.keys_.size()), statuses_(read.keys_.size()) {
        const std::vector<Slice> slices(read.keys_.begin(), read.keys_.end());
        read.state_.db->MultiGet(read.options_, read.state_.family(f), slices.size(), slices.data(),
                                 values_.data(), statuses_.data());
      }
      bool Missing(std::size_t i) const { return statuses_[i].IsNotFound(); }
      Result<std::string_view> At(std::size_t i) const {
        if (statuses_[i].ok()) return View(values_[i]);
        const std::string what =
            fmt::format("{}: face number {}", read_.state_.name(), read_.numbers_[i]);
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
    const StoreState& state_;
    std::span<const FaceNumber> numbers_;
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

}  // namespace inlier
