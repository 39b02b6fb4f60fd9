#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/result.h"
#include "index/current.h"
#include "index/item_index.h"
#include "index/snapshot.h"
#include "index/store.h"

namespace inlier {

/// The index of local features as it changes: the snapshot that searches see, and how the next one
/// comes about. A change makes a small segment of its own and puts a new snapshot in the place of
/// the old one, so a search sees all of a change or nothing of it and never waits. Segments of
/// similar size are merged (O'Neil et al., "The log-structured merge-tree", Acta Informatica 1996),
/// so n changes leave about log n segments.
///
/// A vocabulary is trained once there are too many faces for a search to return all of them, and
/// again when the catalogue has become large enough for more cells (docs/ARCHITECTURE.md). An index
/// that is given its vocabulary keeps that one.
class LocalIndex final : public ItemIndex {
 public:
  struct Options {
    int threads = 1;                 // the index is the same for any number
    std::uint64_t memory_bytes = 0;  // lists beyond this are read when a search asks for them
    /// Not null: the index never trains and has this vocabulary always.
    std::shared_ptr<const Vocabulary> given = nullptr;
  };
  /// The store must outlive it.
  LocalIndex(const Store& store, Options options);

  std::shared_ptr<const Snapshot> snapshot() const { return current_.Get(); }
  /// Postings that are in no file yet.
  std::uint64_t unpublished_postings() const;

  Status CheckShapes(std::span<const ItemUpdate> items) const override;
  Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options,
                                        const FaceFilter& filter) const override;
  Result<PartialVotes> FindVotes(PhotoCodes photo, const ShortlistOptions& options,
                                 const FaceFilter& filter) const override;
  Status Change(std::span<const StoredFeatures> added,
                std::span<const FaceNumber> dropped) override;
  Status Load(std::optional<Snapshot> newest) override;
  Status Build(const ProgressFunction& progress) override;
  bool Outgrown() const override;
  Status Publish(GenerationFiles& files) override;
  bool PublishingPays() const override;
  std::uint64_t covered_change() const override { return snapshot()->covered_change; }
  std::shared_ptr<const FeatureCounts> feature_counts() const override;
  std::shared_ptr<const Vocabulary> vocabulary() const override { return snapshot()->vocabulary; }
  std::uint32_t HeldOf(std::uint32_t features) const override;
  void Describe(CollectionStats& stats) const override;

 private:
  Status Replay(Snapshot next);

  const Store& store_;
  Options options_;
  Current<Snapshot> current_;
};

/// True when so many of the postings are in no file that the next checkpoint pays. See
/// Collection::CheckpointDue.
bool CheckpointPays(std::uint64_t unpublished, std::uint64_t postings);

}  // namespace inlier
