#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inlier/answer.h"
#include "inlier/catalogue.h"
#include "inlier/database.h"
#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/image.h"
#include "inlier/item.h"
#include "inlier/options.h"

namespace inlier {

struct QueryOptions {
  int top = 10;      // most hits returned
  bool all = false;  // also the hits that were not accepted
  bool keep_matches = false;
  bool exact = false;  // look at every item in place of asking the index: the oracle, and slow
  std::vector<std::pair<std::string, std::string>> where;  // metadata column = value, all of them
  std::vector<std::string> without;                        // ids left out
};

/// What IndexCatalogue tells while it works. Called from one thread at a time.
struct Progress {
  std::string_view stage;  // "extract", "train", "index", "write"
  std::size_t done = 0;
  std::size_t total = 0;
};

struct IndexOptions {
  int threads = 1;
  bool prune = false;  // remove items that the catalogue no longer has
  std::function<void(const Progress&)> progress;
  /// Called for each row that failed; the run goes on.
  std::function<void(const CatalogueEntry&, const Error&)> failed;
  const std::atomic<bool>* cancel = nullptr;  // set to stop after the current batch
};

struct IndexReport {
  std::size_t added = 0, updated = 0, unchanged = 0, removed = 0, failed = 0;
};

/// Finds the items of a catalogue that a photo shows. The one class that a program needs:
///
///   auto engine = inlier::Engine::Open("shop.db", inlier::OpenMode::kCreate);
///   (*engine)->Add("mug", "mug.jpg");
///   auto answer = (*engine)->Query("photo.jpg");
///
/// Queries are const and may run on many threads, also while another adds.
class INLIER_EXPORT Engine {
 public:
  struct OpenOptions {
    /// Absent: the options that the database was made with (defaults for a new one).
    std::optional<EngineOptions> options;
    int threads = 1;
    /// See Collection::OpenOptions.
    std::uint64_t memory_bytes = static_cast<std::uint64_t>(-1);
    std::function<void(const std::string&)> notice;
    std::function<void(std::string_view)> step;  // see Collection::OpenOptions
  };
  /// Errors: as Collection::Open; kInvalidArgument naming an option out of range.
  static Result<std::unique_ptr<Engine>> Open(const std::filesystem::path& folder, OpenMode mode,
                                              OpenOptions options);
  static Result<std::unique_ptr<Engine>> Open(const std::filesystem::path& folder, OpenMode mode) {
    return Open(folder, mode, OpenOptions{});
  }
  ~Engine();

  /// Brings the database up to date with a catalogue; only what changed is touched. What was
  /// reported done is on disk, whatever happens next. Errors: kCancelled, kIo, … (a bad image is
  /// not one: see IndexOptions::failed).
  Result<IndexReport> IndexCatalogue(const Catalogue& catalogue, const IndexOptions& options);

  /// Adds or replaces one item. Errors: kBadImage, kNotFound, kIo.
  Status Add(const std::string& id, const std::filesystem::path& image,
             const Metadata& metadata = {});
  Status Remove(const std::string& id);
  Result<std::optional<ItemRecord>> Find(const std::string& id) const;
  Status ForEach(const std::function<bool(const ItemRecord&)>& visit) const;

  /// The items that a photo shows. Errors: kBadImage, kNotFound, kIo, kCorrupt.
  Result<Answer> Query(const std::filesystem::path& photo, const QueryOptions& options = {}) const;
  Result<Answer> Query(const Image& photo, const QueryOptions& options = {}) const;

  Status Checkpoint(const ProgressFunction& progress = {});
  Status Rebuild(const ProgressFunction& progress = {});
  Result<CheckReport> Check() const;
  Result<CollectionStats> Stats() const;
  const EngineOptions& options() const;

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Compares two images directly, without a database: `item` is sought in `photo`. Empty when
/// nothing holds; the hit has `matches` and the id "".
INLIER_EXPORT Result<std::optional<Hit>> MatchImages(const Image& photo, const Image& item,
                                                     const EngineOptions& options = {});

}  // namespace inlier
