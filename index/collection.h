#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/candidate.h"
#include "index/condition.h"
#include "index/face_bytes.h"
#include "index/item.h"
#include "index/voting.h"
#include "inlier/database.h"
#include "inlier/item.h"
#include "inlier/options.h"
#include "inlier/progress.h"

namespace inlier {

/// What is searched in the features of a face: local ones, which vote, or embeddings, which are
/// compared by their cosine.
struct FeatureSpaces {
  bool local = true;        // false: they are embeddings
  std::size_t globals = 0;  // beside local ones: sets of global features, which are embeddings
};

/// The items of one database, and the facade of index/. RocksDB holds the truth (index/store.h). An
/// index beside it answers searches (index/item_index.h); it is in memory or mapped from files,
/// which Checkpoint writes, and it can always be built again from the store. docs/FORMAT.md has the
/// layout.
///
/// Safe to call from many threads. Searches and reads wait for nobody; changes come one at a time.
class Collection {
 public:
  struct OpenOptions {
    OpenMode mode = OpenMode::kRead;
    /// Stored with a new database and compared with that of an old one, since features of different
    /// recipes do not compare. Empty: the stored recipe is taken as it is.
    std::string recipe;
    /// Stored with a new database when `recipe` is empty.
    std::string recipe_if_new;
    /// The bytes of a vocabulary (index/vocabulary_file.h), which a new database keeps and never
    /// trains again. An old one must have been given the same.
    std::string vocabulary;
    /// Says what the features of a recipe are. Not set: local features alone.
    std::function<FeatureSpaces(const std::string& recipe)> spaces_of;
    int threads = 1;  // for training and rebuilding; the result is the same for any number
    /// When the lists are larger than this together, they are not read and checked when the
    /// database is opened but list by list, when a search first needs one. Opening then takes no
    /// time, and the first searches wait for the disk.
    std::uint64_t memory_bytes = static_cast<std::uint64_t>(-1);
    /// Called with one line of text for a person when something was repaired on opening or takes
    /// long.
    std::function<void(const std::string&)> notice;
    /// For tests: called by name before each step of the checkpoint protocol.
    std::function<void(std::string_view)> step;
  };

  /// Errors: kNotFound (there is no database, unless kCreate), kBusy (another process writes to
  /// it), kIncompatible (another recipe, or a newer version), kCorrupt, kIo.
  static Result<std::unique_ptr<Collection>> Open(const std::filesystem::path& folder,
                                                  OpenOptions options);
  ~Collection();

  /// Errors: kInvalidArgument (opened for reading).
  Status CheckWritable() const;
  /// Writes items, new ones and changes of those that are there, in one atomic, synced write. They
  /// can be found on return. Errors: kInvalidArgument (an id twice, features of another shape, a
  /// picture without a face that the item does not have, a limit of docs/RELIABILITY.md, opened for
  /// reading), kIo.
  Status Put(const std::vector<ItemUpdate>& items);
  /// Removes the items in one atomic, synced write. Errors: kNotFound, and then none is removed;
  /// kInvalidArgument (opened for reading), kIo.
  Status Remove(const std::vector<std::string>& ids);
  /// Removes one picture of an item; see NameOf. Errors: kNotFound; kInvalidArgument (it is the
  /// item's only picture, or opened for reading), kIo.
  Status RemovePicture(const std::string& id, const std::string& picture);

  /// The faces for which twins have not been sought yet are those from `twins_sought` up to
  /// FaceLimit. PutTwins enters what a search for them has found, in one synced write; when it has
  /// found none, that is written with the next change.
  FaceNumber twins_sought() const;
  Status PutTwins(std::span<const TwinFaces> twins, FaceNumber sought);

  Result<std::optional<ItemRecord>> Find(const std::string& id) const;
  Result<std::optional<ItemRecord>> Record(ItemNumber number) const;
  Result<std::optional<FaceRecord>> Face(FaceNumber number) const;
  /// The face of the pictures with these pixels (FaceRecord::pixel_hash).
  Result<std::optional<FaceNumber>> FaceOfPixels(const std::string& pixel_hash) const;
  /// These call `visit` for everything in the order of the numbers until it returns false.
  Status ForEach(const std::function<bool(ItemNumber, const ItemRecord&)>& visit) const;
  /// Faces from `begin` on.
  Status ForEachFace(const std::function<bool(FaceNumber, const FaceRecord&)>& visit,
                     FaceNumber begin = 0) const;
  /// Calls `visit` for each item in the order of the bytes of its id, from the first id behind
  /// `after`, until it returns false.
  Status ForEachId(const std::string& after,
                   const std::function<bool(const std::string&, ItemNumber)>& visit) const;
  /// The small picture of a face as it was stored; nothing when the face is not there.
  Result<std::optional<std::string>> Preview(FaceNumber number) const;
  /// True when some item has a metadata column of this name.
  Result<bool> HasField(std::string_view column) const;
  /// The names of the columns that items have, in the order of their bytes; at most `most`.
  Result<std::vector<std::string>> FieldNames(std::size_t most) const;
  /// Calls `visit` once for each item for which all of the conditions hold, in no particular order,
  /// with the faces of its pictures; there is at least one condition.
  Status VisitWhere(
      std::span<const Condition> all_of,
      const std::function<void(ItemNumber, std::span<const FaceNumber>)>& visit) const;
  /// Errors: kNotFound.
  Result<ItemNumber> NumberOf(const std::string& id) const;
  /// One more than the largest number given so far. The second is the size of a FaceFilter.
  ItemNumber ItemLimit() const;
  FaceNumber FaceLimit() const;
  /// Grows with every change of an item or record that is made through this object.
  std::uint64_t revision() const;

  /// For local features: the `count` faces with the most votes, best first, ties by number. Shape
  /// of `photo`: n rows of the recipe's descriptor. Errors: kInvalidArgument (features of another
  /// shape, or a database of embeddings), kCorrupt, kIo.
  Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options,
                                        const FaceFilter& filter = {}) const;
  /// For embeddings: the `count` faces with the row nearest to any of the photo's, best first, ties
  /// by number. `space`: which set of global features is compared; 0 where the faces' own features
  /// are embeddings. Errors: kInvalidArgument (rows of another shape, or a database without such a
  /// space).
  Result<std::vector<NearFace>> Nearest(const Features& photo, std::size_t space, int count,
                                        const FaceFilter& filter = {}) const;

  /// Records and keypoints in one batched read, in the order asked. A face that has been removed
  /// meanwhile is left out. Errors: kCorrupt, kIo.
  Result<std::vector<FaceKeypoints>> FetchKeypoints(std::span<const FaceNumber> numbers) const;
  /// Makes whole faces of some that FetchKeypoints gave, in one batched read and in their order:
  /// descriptors and previews are seven eighths of the bytes, and few faces need them. There is
  /// none in the place of a face that has been removed meanwhile. Errors: kCorrupt, kIo.
  Result<std::vector<std::optional<StoredFace>>> FetchDescriptors(
      std::vector<FaceKeypoints> faces) const;

  /// The bytes of what these two read, in the order asked; nothing in the place of a face that has
  /// been removed. index/face_bytes.h decodes them.
  Result<std::vector<std::optional<FaceBytes>>> KeypointBytes(
      std::span<const FaceNumber> numbers) const;
  Result<std::vector<std::optional<FaceBytes>>> DescriptorBytes(
      std::span<const FaceNumber> numbers) const;

  /// For local features: the votes of a photo for the faces here, when they are a part of a
  /// catalogue. Errors: kIncompatible (the database was not given a vocabulary), kInvalidArgument,
  /// kCorrupt, kIo.
  Result<PartialVotes> FindVotes(PhotoCodes photo, const ShortlistOptions& options,
                                 const FaceFilter& filter) const;
  /// The bytes of the vocabulary that the database was given; empty if it was not.
  Result<std::string> GivenVocabulary() const;

  /// The vocabulary of the index in a file, for OpenOptions::vocabulary of other databases. Errors:
  /// kNotFound (embeddings have none, and so has a catalogue that is too small), kIo.
  Status WriteVocabulary(const std::filesystem::path& file) const;

  /// True when so much has been added since the last checkpoint that another one pays: opening the
  /// database would have to read all of that again.
  bool CheckpointDue() const;
  /// Writes what is new in the index to disk, as a new generation. A catalogue that has outgrown
  /// its vocabulary gets a new one first.
  Status Checkpoint(const ProgressFunction& progress = {});
  /// Drops the index and builds it again from the stored features.
  Status Rebuild(const ProgressFunction& progress = {});
  /// Makes a copy of the database at `destination`, as it was at one moment, while searches and
  /// changes go on: hard links where the file system allows them, copied files where not. The copy
  /// opens like any database and answers as this one does when it is opened at that moment. It is
  /// on disk when this returns, and until then nothing is at `destination`. Errors: kAlreadyExists
  /// (something is there), kNotFound (the folder above it is not there), kInvalidArgument (opened
  /// for reading), kIo.
  Status Snapshot(const std::filesystem::path& destination);
  /// True when a writer has changed the database since this reader was opened, so that opening it
  /// again shows something new. Cheap: it reads a file of 32 bytes. Always false for a writer.
  bool Behind() const;
  /// The number of the last change that searches see, and of the newest generation of the index on
  /// disk. Cheap.
  std::uint64_t last_change() const;
  std::uint64_t generation() const;

  Result<CheckReport> Check() const;
  Result<CollectionStats> Stats() const;
  const std::string& recipe() const;

 private:
  struct State;
  explicit Collection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inlier
