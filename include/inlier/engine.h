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

#include "inlier/answer.h"
#include "inlier/catalogue.h"
#include "inlier/comparison.h"
#include "inlier/database.h"
#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/features.h"
#include "inlier/image.h"
#include "inlier/indexing.h"
#include "inlier/item.h"
#include "inlier/listing.h"
#include "inlier/options.h"
#include "inlier/progress.h"
#include "inlier/query.h"
#include "inlier/twins.h"

namespace inlier {

/// Finds the items of a catalogue that a photo shows. It is the one class that a program needs:
///
///   auto engine = inlier::Engine::Open("shop.db", inlier::OpenMode::kCreate);
///   (*engine)->Add("mug", "mug.jpg");
///   auto answer = (*engine)->Query("photo.jpg");
///
/// All methods may be called from many threads at once. Queries never wait for other calls, even
/// while another thread adds items; changes take place one at a time.
class INLIER_EXPORT Engine {
 public:
  struct OpenOptions {
    /// Absent: the options that the database was made with, or the defaults for a new one.
    std::optional<EngineOptions> options;
    int threads = 1;  // for training and rebuilding; the result is the same for any number
    /// Index lists that are larger than this together are read from disk when a search first needs
    /// them, instead of being checked when the database is opened.
    std::uint64_t memory_bytes = static_cast<std::uint64_t>(-1);
    /// A file that WriteVocabulary made from another database. A new database keeps it and never
    /// trains, so that databases which share one answer alike; an old one must have been made with
    /// the same.
    std::filesystem::path vocabulary;
    /// For each picture that is decoded: photos that are queried, and pictures that are added.
    DecodeLimits limits;
    /// Called with one line of text for a person when something was repaired on opening or takes
    /// long.
    std::function<void(const std::string&)> notice;
    /// For tests: called by name before each step of the checkpoint protocol.
    std::function<void(std::string_view)> step;
  };
  /// Opens the database in `folder`. Errors: kNotFound (there is none, unless kCreate), kBusy
  /// (another process writes to it), kIncompatible (it was made with other options or by a newer
  /// version), kCorrupt, kIo; kInvalidArgument naming an option that is out of range.
  static Result<std::unique_ptr<Engine>> Open(const std::filesystem::path& folder, OpenMode mode,
                                              OpenOptions options);
  static Result<std::unique_ptr<Engine>> Open(const std::filesystem::path& folder, OpenMode mode) {
    return Open(folder, mode, OpenOptions{});
  }
  ~Engine();

  /// Brings the database up to date with a catalogue; only what changed is touched. Whatever the
  /// report counts is on disk, whatever happens next. Errors: kCancelled, kIo and others; a bad
  /// picture is not one, see IndexOptions::outcome.
  Result<IndexReport> IndexCatalogue(const Catalogue& catalogue, const IndexOptions& options);

  /// Adds one item with its pictures, or replaces the item of that id. When this returns, the item
  /// is on disk and can be found. Errors: kBadImage, kNotFound, kIo; kInvalidArgument (no picture).
  Status Add(const std::string& id, std::span<const Picture> pictures,
             const Metadata& metadata = {});
  Status Add(const std::string& id, const std::filesystem::path& image,
             const Metadata& metadata = {});
  /// Adds a picture to an item, behind those that it has, or replaces the picture of the same name
  /// (see NameOf) or content. Errors: kNotFound (also of the item), kBadImage, kIo.
  Status AddPicture(const std::string& id, const Picture& picture);
  /// Errors: kNotFound (the item, or a picture of that name); kInvalidArgument (it is the item's
  /// only picture), kIo.
  Status RemovePicture(const std::string& id, const std::string& picture);
  /// Adds or replaces many items in one durable write, so that one sync to disk serves all of them.
  /// Pictures are decoded and described on `threads` threads. The result has one Status an item, in
  /// their order: a bad picture fails alone. Errors of the whole, in which case nothing was added:
  /// kInvalidArgument (an id twice, or none), kIo.
  Result<std::vector<Status>> AddBatch(std::span<const ItemToAdd> items, int threads = 1);

  /// Replaces the metadata of an item, whose pictures stay as they are and are not looked at.
  /// Errors: kNotFound, kInvalidArgument (a limit of docs/RELIABILITY.md), kIo.
  Status SetMetadata(const std::string& id, const Metadata& metadata);
  Status Remove(const std::string& id);
  /// Removes all of them or, if one of them is not there, none. Errors: kNotFound, kIo.
  Status Remove(const std::vector<std::string>& ids);
  Result<std::optional<ItemRecord>> Find(const std::string& id) const;
  /// Calls `visit` for every item, oldest first, until it returns false.
  Status ForEach(const std::function<bool(const ItemRecord&)>& visit) const;
  /// One page of the items, by id. Errors: kInvalidArgument for ListOptions::where, see CountWhere.
  Result<ItemPage> List(const ListOptions& options) const;
  /// The preview of an item's picture that is stored, as the bytes of a JPEG file whose long side
  /// has at most 256 px. `picture` counts from 0. Errors: kNotFound, kCorrupt, kIo.
  Result<std::string> Preview(const std::string& id, std::size_t picture) const;
  /// The stored features of an item's picture. Errors: as Preview.
  Result<std::vector<FeaturePoint>> FeaturesOf(const std::string& id, std::size_t picture) const;

  /// How many items satisfy these conditions, which are as in QueryOptions::where; all of them when
  /// there are none. Errors: kInvalidArgument (a condition that makes no sense, or a column that no
  /// item has), kCorrupt, kIo.
  Result<std::uint64_t> CountWhere(
      const std::vector<std::pair<std::string, std::string>>& where) const;

  /// Answers which items a photo shows: a file, the bytes of a file, or pixels. Errors: kBadImage,
  /// kNotFound, kIo, kCorrupt, kCancelled; kInvalidArgument for QueryOptions::where, see
  /// CountWhere.
  Result<Answer> Query(const std::filesystem::path& photo, const QueryOptions& options = {}) const;
  Result<Answer> Query(std::span<const std::uint8_t> file, const QueryOptions& options = {}) const;
  Result<Answer> Query(const Image& photo, const QueryOptions& options = {}) const;
  /// The first stage of a query alone: the items that local features of a photo vote for, at most
  /// `options.top`, best first. They need not come from ExtractFeatures, as long as the descriptors
  /// have the shape that the database was made with. Errors: kInvalidArgument (another shape, a
  /// database of embeddings, QueryOptions::where), kCorrupt, kIo.
  Result<std::vector<ItemVotes>> Shortlist(const Features& photo,
                                           const QueryOptions& options = {}) const;

  /// Compares a photo with one picture of an item in all detail, or a part of the photo: see
  /// QueryOptions::region. Nothing else of the database counts. Errors: kBadImage, kNotFound,
  /// kCorrupt, kIo; kInvalidArgument for the region.
  Result<Comparison> Compare(std::span<const std::uint8_t> photo, const std::string& id,
                             std::size_t picture,
                             const std::optional<PixelRegion>& region = std::nullopt) const;

  /// Answers one round of a query of a ShardedEngine, for the part of a catalogue that this
  /// database holds: takes the bytes of a request and gives those of a reply, which carries errors
  /// as well. The database must have been made with OpenOptions::vocabulary, unless its features
  /// are embeddings. Of `limits` only `cancel` and `deadline` count.
  std::string AnswerRound(std::string_view request, const QueryOptions& limits = {}) const;

  /// Writes what is new in the index to disk, so that the next opening is quick.
  Status Checkpoint(const ProgressFunction& progress = {});
  /// True when so much has changed since the last checkpoint that another one pays. Cheap.
  bool CheckpointDue() const;
  /// Builds the index again from the stored features.
  Status Rebuild(const ProgressFunction& progress = {});
  /// Writes the vocabulary of the index to a file, for OpenOptions::vocabulary. Errors: kNotFound
  /// (embeddings have none, and a catalogue of few pictures has none yet), kIo.
  Status WriteVocabulary(const std::filesystem::path& file) const;
  /// Reads and compares everything that is stored.
  Result<CheckReport> Check() const;
  Result<CollectionStats> Stats() const;
  /// The items that cannot be told apart, as far as they have been looked for: IndexCatalogue, Add
  /// and the like seek the twins of what they bring. In a database of the method deep there are
  /// copies and no other twins. Errors: kCorrupt, kIo.
  Result<std::vector<TwinGroup>> Twins() const;

  /// Takes in what a writing process has published since this engine was opened for reading, or
  /// last refreshed. Queries that run meanwhile finish on the state that they began with. True when
  /// there was something new; a writer is never behind itself. Errors: as Open, and then the engine
  /// goes on with what it has.
  Result<bool> Refresh();
  /// Copies the database into a new folder, as it was at one moment, while queries and changes go
  /// on. The copy opens like any database and answers the same. Files are shared by hard links
  /// where the file system can. Errors: kAlreadyExists, kNotFound (the folder above it is not
  /// there), kInvalidArgument (opened for reading), kIo.
  Status Snapshot(const std::filesystem::path& folder);

  const EngineOptions& options() const;
  /// The number of the last change that queries see, and of the newest generation of the index on
  /// disk. Cheap. A reader's are those of its last refresh.
  std::uint64_t last_change() const;
  std::uint64_t generation() const;

 private:
  struct INLIER_HIDDEN State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Compares two images directly, without a database: `item` is sought in `photo`. Empty when no
/// geometry holds; the hit has `matches` and an empty id. Errors: kBadImage, kInvalidArgument.
INLIER_EXPORT Result<std::optional<Hit>> MatchImages(const Image& photo, const Image& item,
                                                     const EngineOptions& options = {});

}  // namespace inlier
