#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "index/item.h"
#include "index/snapshot.h"
#include "index/store.h"
#include "inlier/progress.h"

namespace inlier {

/// Of `postings` so many are in no file: true when the next checkpoint pays. See
/// Collection::CheckpointDue.
bool CheckpointPays(std::uint64_t unpublished, std::uint64_t postings);

/// The index of a store as it changes: the snapshot that searches see, and how the next one comes
/// about. A change makes a small segment of its own and puts a new snapshot in the place of the old
/// one, so a search sees all of a change or nothing of it and never waits. Segments of like size
/// are merged (as in O'Neil et al., "The log-structured merge-tree", 1996): n changes leave log n
/// segments. `snapshot` is safe from any thread; everything else comes from one at a time.
class LiveIndex {
 public:
  struct Options {
    int threads = 1;                 // the index is the same for any number
    std::uint64_t memory_bytes = 0;  // lists beyond this are read when asked for
    bool look_again = false;         // a file that is not there is an error of Load
    std::function<void(const std::string&)> notice;
    std::function<void(std::string_view)> step;  // see Collection::OpenOptions
  };
  /// Folder and store must outlive it.
  LiveIndex(std::filesystem::path folder, const Store& store, Options options);

  std::shared_ptr<const Snapshot> snapshot() const;

  /// Loads the newest generation that is whole and replays what the store has since; builds the
  /// index when there is none. Errors: kNotFound (when asked to look again: a file has gone since
  /// `store` was opened).
  Status Load();
  /// Features of another kind or row size than the index has would be read past their end. Errors:
  /// kInvalidArgument.
  static Status CheckShape(const Snapshot& snapshot, const Features& features);
  /// Takes in items that the store has just taken in, and drops those that they replaced.
  void Add(std::span<const NewItem> items, std::span<const ItemNumber> numbers,
           std::span<const ItemNumber> replaced);
  void Drop(std::span<const ItemNumber> numbers);

  /// Builds all of it from the store with a new vocabulary. Searches go on with the old one
  /// meanwhile.
  Status Build(const ProgressFunction& progress);
  /// True when the catalogue has become too large for the vocabulary that it has.
  bool Outgrown() const;
  /// True when the newest generation on disk holds all changes.
  Result<bool> Published() const;
  /// Reads the files of all generations; the next Publish leaves those out that are not whole,
  /// which a lazy opening does not see.
  Status FindDamage();
  /// Writes what has no file yet as a new generation. The put of the manifest is the commit point:
  /// before it the older generations answer, after it the new one does. One older generation stays.
  Status Publish(Store& store);

  /// Postings that are in no file yet.
  std::uint64_t unpublished_postings() const;
  std::uint64_t removed_postings() const { return removed_postings_; }

 private:
  Snapshot Copy() const { return *snapshot(); }
  void Show(Snapshot next);
  Status AppendStored(Snapshot& to, std::vector<std::uint32_t>& counts,
                      std::span<const ItemNumber> numbers, const ProgressFunction& progress) const;
  Status Replay();
  Result<std::shared_ptr<const Vocabulary>> TrainVocabulary(
      const std::vector<ItemNumber>& numbers) const;
  void CountRemoved();

  std::filesystem::path folder_;
  const Store& store_;
  Options options_;
  mutable std::mutex mutex_;  // guards the pointer, held for as long as it takes to copy it
  std::shared_ptr<const Snapshot> current_;
  std::uint64_t removed_postings_ = 0;
  std::vector<std::uint64_t>
      damaged_;  // generations whose files were not usable; the next checkpoint drops them
};

}  // namespace inlier
