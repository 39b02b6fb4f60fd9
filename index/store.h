#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "index/condition.h"
#include "index/face_bytes.h"
#include "index/item.h"
#include "index/manifest.h"
#include "inlier/database.h"

namespace inlier {

struct StoreState;  // index/store_state.h

/// The truth of a database: records, features, previews and changes in RocksDB. Every value is a
/// sealed blob (core/blob.h), and every read has three outcomes: found, not found, error.
/// docs/FORMAT.md has the layout. Reads are safe from many threads; writes come from one at a time.
///
/// store_open.cc opens a store, also beside a writer; store_edit.h makes its changes;
/// store_verify.cc checks one; store_copy.cc copies one; store_state.h has what they share.
class Store {
 public:
  /// A new database gets `recipe`, or `recipe_if_new` if that is empty, and keeps the vocabulary
  /// that it is given, which is empty or the bytes of one.
  static Result<std::unique_ptr<Store>> Open(const std::filesystem::path& folder, OpenMode mode,
                                             const std::string& recipe,
                                             const std::string& recipe_if_new,
                                             const std::string& vocabulary_if_new = {});
  ~Store();

  const std::string& recipe() const;
  /// The bytes of the vocabulary that the database was given when it was made, if it was.
  Result<std::optional<std::string>> GivenVocabulary() const;
  Counters counters() const;
  /// RocksDB's number of the last write that is here.
  std::uint64_t last_write() const;
  /// How often RocksDB has slowed down or stopped writes since the store was opened.
  std::uint64_t write_stalls() const;
  /// For a reader: true when a writer has acknowledged something since this store was opened. Reads
  /// one small file.
  bool Behind() const;
  /// Empty, or a sentence which says that acknowledged writes are missing, since RocksDB's log is
  /// damaged, gone or from an earlier time. The store is then the whole state before those writes.
  /// The sentence stays until the next write.
  std::string loss() const;

  /// True when the file system has refused to sync a folder (RefusesToSyncFolders).
  bool folder_sync_refused() const;

  /// Each of these is one atomic, synced batch. Ids within `items` differ. The features of the
  /// added faces are those in `items`. Errors: as StoreEdit.
  Result<FaceChanges> Put(std::span<const ItemUpdate> items);
  Result<FaceChanges> Remove(std::span<const std::string> ids);
  Result<FaceChanges> RemovePicture(const std::string& id, const std::string& picture);
  /// Enters twins, and that they have been sought for all faces with numbers below `sought`.
  /// Without twins nothing is written before the next change, since seeking once more does no harm.
  Status PutTwins(std::span<const TwinFaces> twins, FaceNumber sought);

  Result<std::optional<ItemNumber>> NumberOf(const std::string& id) const;
  Result<std::optional<ItemRecord>> Record(ItemNumber number) const;
  Result<std::optional<FaceRecord>> Face(FaceNumber number) const;
  Result<std::optional<FaceNumber>> FaceOfPixels(const std::string& pixel_hash) const;
  /// Without the global features.
  Result<std::optional<Features>> FeaturesOf(FaceNumber number) const;
  /// The global features of a face; nothing when it is not there or has none.
  Result<std::optional<std::vector<Features>>> GlobalsOf(FaceNumber number) const;
  /// These four as in Collection.
  Result<std::vector<FaceKeypoints>> FetchKeypoints(std::span<const FaceNumber> numbers) const;
  Result<std::vector<std::optional<StoredFace>>> FetchDescriptors(
      std::vector<FaceKeypoints> faces) const;
  Result<std::vector<std::optional<FaceBytes>>> KeypointBytes(
      std::span<const FaceNumber> numbers) const;
  Result<std::vector<std::optional<FaceBytes>>> DescriptorBytes(
      std::span<const FaceNumber> numbers) const;
  Status ForEach(const std::function<bool(ItemNumber, const ItemRecord&)>& visit) const;
  /// These two as in Collection.
  Status ForEachId(const std::string& after,
                   const std::function<bool(const std::string&, ItemNumber)>& visit) const;
  Result<std::optional<std::string>> Preview(FaceNumber number) const;
  /// These three as in index/field_index.h.
  Result<bool> HasField(std::string_view column) const;
  Result<std::vector<std::string>> FieldNames(std::size_t most) const;
  Status VisitWhere(
      std::span<const Condition> all_of,
      const std::function<void(ItemNumber, std::span<const FaceNumber>)>& visit) const;
  Status ForEachFace(const std::function<bool(FaceNumber, const FaceRecord&)>& visit,
                     FaceNumber begin = 0) const;
  /// Changes after `after`, oldest first.
  Status ForEachChange(std::uint64_t after, const std::function<void(const Change&)>& visit) const;

  /// Newest first; at most two.
  Result<std::vector<Generation>> Generations() const;
  /// Writes the manifest, synced: the commit point of a checkpoint. Deletes the changes that the
  /// oldest generation covers.
  Status PutGenerations(std::span<const Generation> generations);

  /// Makes a copy of this store in `folder`, which does not exist yet and lies in one that does:
  /// RocksDB's checkpoint. Tables are hard links where the file system allows it. Reads and writes
  /// go on; the copy is the state of one moment. Errors: kIo.
  Status CopyTo(const std::filesystem::path& folder) const;

  /// Reads and checks everything, and calls `problem` with a sentence for each problem.
  Status Verify(const std::function<void(const std::string&)>& problem) const;

 private:
  explicit Store(std::unique_ptr<StoreState> state);
  std::unique_ptr<StoreState> state_;
};

}  // namespace inlier
