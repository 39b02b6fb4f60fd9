#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "index/embedding_index.h"
#include "index/item_index.h"
#include "index/local_index.h"

namespace inlier {

/// The index of faces with local features and global ones: a LocalIndex, and an EmbeddingIndex for
/// each space of the global features. A change reaches the one after the other, so a search in
/// between may see a face in one of them only.
class HybridIndex final : public ItemIndex {
 public:
  /// The store must outlive it. `spaces`: how many sets of global features each face has.
  HybridIndex(const Store& store, const LocalIndex::Options& options, std::size_t spaces);

  Status CheckShapes(std::span<const ItemUpdate> items) const override;
  Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options,
                                        const FaceFilter& filter) const override;
  Result<std::vector<NearFace>> Nearest(const Features& photo, std::size_t space, int count,
                                        const FaceFilter& filter) const override;
  Result<PartialVotes> FindVotes(PhotoCodes photo, const ShortlistOptions& options,
                                 const FaceFilter& filter) const override;
  Status Change(std::span<const StoredFeatures> added,
                std::span<const FaceNumber> dropped) override;
  Status Load(std::optional<Snapshot> newest) override;
  Status Build(const ProgressFunction& progress) override;
  bool Outgrown() const override { return local_.Outgrown(); }
  Status Publish(GenerationFiles& files) override { return local_.Publish(files); }
  bool PublishingPays() const override { return local_.PublishingPays(); }
  /// These three are of the local features. The global ones have no files, and follow.
  std::uint64_t covered_change() const override { return local_.covered_change(); }
  std::shared_ptr<const FeatureCounts> feature_counts() const override {
    return local_.feature_counts();
  }
  std::uint32_t HeldOf(std::uint32_t features) const override { return local_.HeldOf(features); }
  std::shared_ptr<const Vocabulary> vocabulary() const override { return local_.vocabulary(); }
  void Describe(CollectionStats& stats) const override;

 private:
  LocalIndex local_;
  std::vector<std::unique_ptr<EmbeddingIndex>> spaces_;
};

}  // namespace inlier
