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
#include "core/options.h"
#include "core/result.h"

namespace inlier {

/// Numbers items within one database; never reused.
using ItemNumber = std::uint32_t;

/// Metadata columns, in the order of the table.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// What is known of an item besides its features.
struct ItemRecord {
  std::string id;
  std::string image_path;
  std::string content_hash;  // of the image file
  Metadata metadata;
  std::uint32_t feature_count = 0;
  std::uint32_t width_px = 0;
  std::uint32_t height_px = 0;
};

/// An item as it goes in: its features, and a small picture of it that later checks compare with.
struct NewItem {
  ItemRecord record;
  Features features;
  std::string preview;  // encoded by the engine; opaque here
};

/// What the later stages need of a shortlisted item.
struct StoredItem {
  ItemNumber number = 0;
  ItemRecord record;
  Features features;    // without descriptors until Complete
  std::string preview;  // empty until Complete
};

/// A feature of the photo and one of an item that fell into one cell with near codes.
struct VotingPair {
  std::uint16_t photo = 0;  // indices into the features of each
  std::uint16_t item = 0;
  std::uint16_t distance_bits = 0;  // between the codes
};

/// An item with its votes, best first in a shortlist.
struct Candidate {
  ItemNumber number = 0;
  float votes = 0;                // embeddings: the cosine of the nearest two rows
  std::vector<VotingPair> pairs;  // by photo feature; embeddings: the nearest two rows
};

/// How the shortlist is made. Jégou, Douze and Schmid, "Improving bag-of-features for large scale
/// image search", IJCV 2010 (Hamming embedding, weak geometric consistency).
struct ShortlistOptions {
  int probes = 4;         // cells looked up for each descriptor of the photo
  int hamming_bits = 18;  // largest distance between two 64-bit codes that votes
  double sigma_bits = 9;  // a vote is exp(-(distance / sigma)²)

  template <class Visitor>
  void Visit(Visitor&& visit) {
    visit(Field{"probes", "cells looked up for each descriptor", 1, 256}, probes);
    visit(Field{"hamming_bits", "largest code distance that votes", 0, 64}, hamming_bits);
    visit(Field{"sigma_bits", "width of a vote's weight over the code distance", 0.1, 64},
          sigma_bits);
  }
};

/// Told of long work: its stage ("train", "index", "write"), and how much of it is done.
using ProgressFunction =
    std::function<void(std::string_view stage, std::size_t done, std::size_t total)>;

/// True for the items that a search may return; empty means all.
using ItemFilter = std::vector<bool>;

enum class OpenMode {
  kRead,    // any number of processes, also while one writes
  kWrite,   // one process; the database must exist
  kCreate,  // as kWrite; makes the database when there is none
};

struct CollectionStats {
  std::uint64_t items = 0;
  std::uint64_t features = 0;
  std::uint64_t removed = 0;  // postings of removed items that wait for a merge
  std::uint64_t cells = 0;
  std::uint64_t code_bits = 0;
  std::uint64_t postings = 0;
  std::uint64_t segments = 0;
  std::uint64_t embeddings = 0;    // rows compared in full, some of removed items among them
  std::uint64_t index_bytes = 0;   // in memory
  std::uint64_t mapped_bytes = 0;  // of lists that are mapped from disk instead
  std::uint64_t disk_bytes = 0;
  std::uint64_t last_change = 0;     // sequence number of the last acknowledged change
  std::uint64_t covered_change = 0;  // the last change that the index file on disk holds
  std::uint64_t generation = 0;
};

/// What the index of a catalogue takes, from the sizes alone.
struct IndexSize {
  std::uint64_t cells = 0;
  std::uint64_t code_bits = 0;
  std::uint64_t bytes = 0;           // in memory, and about as much in its files
  std::uint64_t training_rows = 0;   // descriptors that the vocabulary is trained on
  std::uint64_t training_bytes = 0;  // that they take meanwhile
  double groups_probed = 0;          // groups of cells that a descriptor is compared with
};
IndexSize SizeOfIndex(std::uint64_t items, std::uint64_t features, DescriptorKind kind,
                      int row_bytes);

/// What `Check` found. No problems means that everything stored was read and agrees.
struct CheckReport {
  std::uint64_t items_checked = 0;
  std::vector<std::string> problems;
};

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
