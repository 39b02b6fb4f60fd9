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
#include "index/item.h"
#include "index/manifest.h"
#include "inlier/database.h"

namespace inlier {

struct StoreState;  // index/store_state.h

/// The truth: records, features, previews and changes in RocksDB. Every value is a sealed blob;
/// every read has three outcomes: found, not found, error. Layout in docs/FORMAT.md. Reads are safe
/// from many threads; writes come from one at a time.
class Store {
 public:
  /// A new database gets `recipe`, or `recipe_if_new` if that is empty.
  static Result<std::unique_ptr<Store>> Open(const std::filesystem::path& folder, OpenMode mode,
                                             const std::string& recipe,
                                             const std::string& recipe_if_new);
  ~Store();

  const std::string& recipe() const;
  Counters counters() const;
  /// RocksDB's number of the last write that is here.
  std::uint64_t last_write() const;
  /// For a reader: true when a writer has acknowledged something since this store was opened. Reads
  /// one small file.
  bool Behind() const;
  /// Empty; or a sentence: acknowledged writes are gone, since RocksDB's log is damaged, missing or
  /// from an earlier time. What is here is the whole state before them. It is said until the next
  /// write.
  std::string loss() const;

  /// The numbers that one Write gave and took.
  struct Written {
    std::vector<ItemNumber> added;     // of `items`, in their order
    std::vector<ItemNumber> replaced;  // items that had one of the ids
  };
  /// One atomic, synced batch. Ids within `items` differ.
  Result<Written> Add(std::span<const NewItem> items);
  Result<std::vector<ItemNumber>> Remove(std::span<const std::string> ids);
  Status UpdateRecord(const ItemRecord& record);

  Result<std::optional<ItemNumber>> NumberOf(const std::string& id) const;
  Result<std::optional<ItemRecord>> Record(ItemNumber number) const;
  Result<std::optional<Features>> FeaturesOf(ItemNumber number) const;
  /// See Collection.
  Result<std::vector<ItemKeypoints>> FetchKeypoints(std::span<const ItemNumber> numbers) const;
  Result<std::vector<std::optional<StoredItem>>> FetchDescriptors(
      std::vector<ItemKeypoints> items) const;
  Status ForEach(const std::function<bool(ItemNumber, const ItemRecord&)>& visit) const;
  /// Changes after `after`, oldest first.
  Status ForEachChange(std::uint64_t after, const std::function<void(const Change&)>& visit) const;

  /// Newest first; at most two.
  Result<std::vector<Generation>> Generations() const;
  /// Synced: the commit point of a checkpoint. Forgets the changes that the oldest one covers.
  Status PutGenerations(std::span<const Generation> generations);

  /// Makes a copy of this store in `folder`, which does not exist yet and lies in one that does:
  /// RocksDB's checkpoint. Tables are hard links where the file system allows it. Reads and writes
  /// go on; the copy is the state of one moment. Errors: kIo.
  Status CopyTo(const std::filesystem::path& folder) const;

  /// Reads and checks everything; a sentence for each problem.
  Status Verify(const std::function<void(const std::string&)>& problem) const;

 private:
  explicit Store(std::unique_ptr<StoreState> state);
  std::unique_ptr<StoreState> state_;
};

}  // namespace inlier
