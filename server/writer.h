#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "inlier/engine.h"
#include "wire/reader.h"

namespace inlier::server {

/// Of an item in one request or one row of an import.
inline constexpr std::size_t kMaxPicturesAtOnce = 64;

struct PutItem {
  ItemToAdd item;
};
struct PatchItem {
  std::string id;
  wire::MetadataPatch patch;
};
struct RemoveItem {
  std::string id;
};
struct PutPicture {
  std::string id;
  Picture picture;
};
struct RemovePicture {
  std::string id;
  std::size_t number = 0;
};

/// What became of a change that is on disk.
struct Changed {
  bool created = false;
  std::optional<ItemRecord> item;  // as it is now; absent: it is gone
};

/// Why a change was not made.
struct NotChanged {
  enum class Cause {
    kHasChanged,  // the item does not have the tag in `if_match`
    kFailed,      // `error` says how
  };
  Cause cause = Cause::kFailed;
  Error error;
};
using ChangeOutcome = tl::expected<Changed, NotChanged>;

/// One change of the database, and who waits for it.
struct Change {
  std::variant<PutItem, PatchItem, RemoveItem, PutPicture, RemovePicture> what;
  std::string if_match;  // a tag that the item must have, "*" for any item; empty: no condition
  /// Called on the writer's thread.
  std::function<void(ChangeOutcome)> done;

  const std::string& id() const;
};

/// The one thread that changes the database, in the order in which changes come. All that wait for
/// it are taken together, and items that are put are written in one durable write: one sync to disk
/// serves many clients (group commit). A change is reported when it is on disk. Since nobody else
/// writes, what `if_match` is compared with cannot change in between. When it has nothing to do, it
/// makes checkpoints.
class Writer {
 public:
  Writer(Engine& engine, std::size_t queue, std::size_t group, int threads);
  /// As Stop.
  ~Writer();

  /// False when the queue is full or the writer stops.
  bool Submit(Change change);
  /// Waits for room in the queue. False when the writer stops.
  bool SubmitWhenRoom(Change change);
  std::size_t waiting() const;
  /// The engine's error of the last write that failed, until one succeeds.
  bool failing() const;
  /// Does what waits, makes a checkpoint if anything has changed, and ends the thread.
  void Stop();

 private:
  void Run();
  void Do(std::vector<Change> changes);
  void DoPuts(std::vector<Change> puts);
  ChangeOutcome DoOne(Change& change);
  Status Apply(Change& change, const ItemRecord& item);
  // The item as it is, when the change may be made.
  tl::expected<std::optional<ItemRecord>, NotChanged> Before(const Change& change) const;
  // Remembers whether the last write failed for another reason than what its request says.
  void Note(const Status& status);
  void Checkpoint();

  Engine& engine_;
  const std::size_t queue_length_, group_;
  const int threads_;
  mutable std::mutex mutex_;
  std::condition_variable wake_, room_;
  std::deque<Change> queue_;
  bool stopping_ = false;
  bool failing_ = false;
  bool dirty_ = false;  // only of the thread: something has changed since the last checkpoint
  std::thread thread_;
};

}  // namespace inlier::server
