#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/candidate.h"
#include "index/feature_counts.h"
#include "index/generation_files.h"
#include "index/item.h"
#include "index/snapshot.h"
#include "index/voting.h"
#include "inlier/database.h"
#include "inlier/options.h"
#include "inlier/progress.h"

namespace inlier {

/// What a Collection asks of the index of its faces. There are three: LocalIndex, in which
/// local features vote for faces; EmbeddingIndex, which compares embeddings by their cosine; and
/// HybridIndex, which has both. An index is a cache of what the store has: it can always be built
/// again from there.
///
/// The const methods are safe to call from many threads, also during a change; changes come from
/// one thread at a time.
class ItemIndex {
 public:
  virtual ~ItemIndex() = default;

  /// Refuses faces that do not belong into this index: rows of another kind or size would be read
  /// past their end. Errors: kInvalidArgument.
  virtual Status CheckShapes(std::span<const ItemUpdate> items) const = 0;

  /// The `count` faces with the most votes, best first, ties by number. Errors: kInvalidArgument
  /// (features of another shape, or an index of embeddings), kCorrupt, kIo.
  virtual Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                                const ShortlistOptions& options,
                                                const FaceFilter& filter) const;
  /// See Collection::Nearest.
  virtual Result<std::vector<NearFace>> Nearest(const Features& photo, std::size_t space, int count,
                                                const FaceFilter& filter) const;

  /// See Collection::FindVotes.
  virtual Result<PartialVotes> FindVotes(PhotoCodes photo, const ShortlistOptions& options,
                                         const FaceFilter& filter) const;

  /// Takes in faces that the store has just taken in, and drops those that are gone. When it
  /// returns an error, the faces are in the store alone.
  virtual Status Change(std::span<const StoredFeatures> added,
                        std::span<const FaceNumber> dropped) = 0;

  /// Starts from the newest generation on disk and applies the changes that the store has had
  /// since; without a generation it builds everything.
  virtual Status Load(std::optional<Snapshot> newest) = 0;
  /// Builds everything again from the store. Searches go on with what was there before.
  virtual Status Build(const ProgressFunction& progress) = 0;
  /// True when Build should come before the next Publish, since the catalogue has grown too large
  /// for what was trained on it.
  virtual bool Outgrown() const = 0;
  /// Writes what no file has yet as a new generation.
  virtual Status Publish(GenerationFiles& files) = 0;
  /// See Collection::CheckpointDue.
  virtual bool PublishingPays() const = 0;

  /// The last change that the index contains.
  virtual std::uint64_t covered_change() const = 0;
  virtual std::shared_ptr<const FeatureCounts> feature_counts() const = 0;
  /// Null for an index that has none, or none yet.
  virtual std::shared_ptr<const Vocabulary> vocabulary() const { return nullptr; }
  /// How many features of a face the index holds when the face has `features` of them.
  virtual std::uint32_t HeldOf(std::uint32_t features) const { return features; }
  /// Fills in what the index costs and holds.
  virtual void Describe(CollectionStats& stats) const = 0;
};

/// True when `fits` holds for the features of every face that these updates bring.
template <class Fits>
bool EveryFace(std::span<const ItemUpdate> items, const Fits& fits) {
  for (const ItemUpdate& item : items) {
    for (const NewPicture& picture : item.pictures) {
      if (picture.face && !fits(picture.face->features)) return false;
    }
  }
  return true;
}

/// The error of features that an index cannot take or search for.
tl::unexpected<Error> WrongShape();

}  // namespace inlier
