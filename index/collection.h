#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/candidate.h"
#include "index/item.h"
#include "inlier/database.h"
#include "inlier/item.h"
#include "inlier/options.h"
#include "inlier/progress.h"

namespace inlier {

/// The items of one database: RocksDB holds the truth, a FAISS index in memory answers searches and
/// is published to disk by Checkpoint. See docs/FORMAT.md. Safe to call from many threads.
class Collection {
 public:
  struct OpenOptions {
    OpenMode mode = OpenMode::kRead;
    /// Stored with a new database and compared with an old one: features of another recipe do not
    /// compare. Empty takes the stored one.
    std::string recipe;
    /// Stored with a new database when `recipe` is empty.
    std::string recipe_if_new;
    int threads = 1;  // for training and rebuilding; the result is the same for any number
    /// Lists that are larger than this together are not read when the index is opened but list by
    /// list, when a search first asks for one: opening takes no time, and the first searches go to
    /// the disk.
    std::uint64_t memory_bytes = static_cast<std::uint64_t>(-1);
    /// One line for a person when something was repaired on opening, or takes long.
    std::function<void(const std::string&)> notice;
    /// Called by name before each step of the checkpoint protocol; tests die there.
    std::function<void(std::string_view)> step;
  };

  /// Errors: kNotFound (no database, unless kCreate), kBusy (another writer), kIncompatible (other
  /// recipe, newer version), kCorrupt, kIo.
  static Result<std::unique_ptr<Collection>> Open(const std::filesystem::path& folder,
                                                  OpenOptions options);
  ~Collection();

  /// Adds the items in one atomic, synced write; an id that exists is replaced. Searchable on
  /// return. Errors: kInvalidArgument (an id twice, features of another shape, opened for reading),
  /// kIo.
  Status Add(std::vector<NewItem> items);
  /// Replaces path and metadata of an item whose image has not changed.
  Status UpdateRecord(const ItemRecord& record);
  /// Removes the items in one atomic, synced write. Errors: kNotFound; then none is removed.
  Status Remove(const std::vector<std::string>& ids);

  Result<std::optional<ItemRecord>> Find(const std::string& id) const;
  /// Calls `visit` for every item in the order of their numbers until it returns false.
  Status ForEach(const std::function<bool(ItemNumber, const ItemRecord&)>& visit) const;
  /// Number of an id. Errors: kNotFound.
  Result<ItemNumber> NumberOf(const std::string& id) const;
  /// The largest number given so far, plus one: the size of an ItemFilter.
  ItemNumber NumberLimit() const;
  /// Grows with every change of this object's items or records.
  std::uint64_t revision() const;

  /// The `count` items with the most votes, or with the nearest embedding, best first. Shape of
  /// `photo`: n rows of the recipe's descriptor.
  Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options,
                                        const ItemFilter& filter = {}) const;
  /// Records and keypoints in one batched read, in the order asked. An item that was removed
  /// meanwhile is left out.
  Result<std::vector<StoredItem>> Fetch(std::span<const ItemNumber> numbers) const;
  /// Adds descriptors and previews to some of what Fetch gave, in one batched read: they are seven
  /// eighths of the bytes, and few items need them. An item that was removed meanwhile stays as it
  /// is.
  Status Complete(std::span<StoredItem* const> items) const;

  /// True when so much has been added since the last checkpoint that the next one pays: opening
  /// would have to read it all again, and the vocabulary may be too small.
  bool CheckpointDue() const;
  /// Writes what is new of the index to disk as a new generation; trains it first if the catalogue
  /// has outgrown it.
  Status Checkpoint(const ProgressFunction& progress = {});
  /// Drops the index and builds it again from the stored features.
  Status Rebuild(const ProgressFunction& progress = {});
  Result<CheckReport> Check() const;
  Result<CollectionStats> Stats() const;
  const std::string& recipe() const;

 private:
  struct State;
  explicit Collection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inlier
