#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "index/manifest.h"
#include "index/snapshot.h"
#include "index/store.h"

namespace inlier {

/// The generations of an index on disk: the manifest in the store, which names them, and their
/// files. Putting the manifest is the commit point of a checkpoint: before it the older generations
/// answer, after it the new one does. One older generation stays, in case a file of the new one is
/// damaged. Calls come from one thread at a time, except for KeepFiles and newest, which are safe
/// from any thread.
class GenerationFiles {
 public:
  struct Hooks {
    std::function<void(const std::string&)> notice;  // see Collection::OpenOptions
    std::function<void(std::string_view)> step;
  };
  /// The store must outlive it.
  GenerationFiles(std::filesystem::path folder, Store& store, Hooks hooks);

  /// Reads the newest generation whose files are whole; nothing when there is none. A damaged one
  /// is left out, with a notice. With `look_again` a missing file of the newest is an error
  /// instead, kNotFound: a writer may have deleted it since the store was opened.
  Result<std::optional<Snapshot>> LoadNewest(std::uint64_t memory_bytes, bool look_again);
  /// Reads all files of all generations, which a lazy opening does not; the next Publish leaves the
  /// damaged generations out.
  Status FindDamage();
  /// A sentence for each file that is not whole.
  Status Check(const std::function<void(const std::string&)>& problem) const;

  /// True when the newest generation contains this change and nothing is damaged.
  Result<bool> Cover(std::uint64_t change) const;
  /// The number of the next generation.
  Result<std::uint64_t> NextNumber() const;
  /// Writes the head of a generation, names it in the manifest and deletes the files that no
  /// generation names any more. The files of its lists are there already.
  Status Publish(const Snapshot& snapshot, std::uint64_t number);

  /// While one lives, Publish deletes no files.
  class KeptFiles {
   public:
    explicit KeptFiles(std::atomic<int>& holders) : holders_(holders) { ++holders_; }
    ~KeptFiles() { --holders_; }
    KeptFiles(const KeptFiles&) = delete;
    KeptFiles& operator=(const KeptFiles&) = delete;

   private:
    std::atomic<int>& holders_;
  };
  [[nodiscard]] KeptFiles KeepFiles() { return KeptFiles(holders_); }

  /// The number of the newest generation; 0 when there is none.
  std::uint64_t newest() const { return newest_; }

  const std::filesystem::path& folder() const { return folder_; }
  const std::function<void(std::string_view)>& step() const { return hooks_.step; }

 private:
  std::filesystem::path folder_;
  Store& store_;
  Hooks hooks_;
  std::vector<std::uint64_t> damaged_;  // numbers of generations
  std::atomic<std::uint64_t> newest_{0};
  std::atomic<int> holders_{0};  // of KeptFiles
};

}  // namespace inlier
