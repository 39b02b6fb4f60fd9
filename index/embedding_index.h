#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/result.h"
#include "index/current.h"
#include "index/embedding_rows.h"
#include "index/item_index.h"
#include "index/store.h"

namespace inlier {

/// The index of embeddings. Every row is compared with the photo, so there is nothing to train and
/// nothing to write but the number of rows of each face; the rows are read from the store whenever
/// the database is opened. They are the features of the faces or, beside local features, one of
/// the sets of global ones.
class EmbeddingIndex final : public ItemIndex {
 public:
  /// The store must outlive it. `threads`: for reading the store. `global`: the number of the set
  /// of global features that is searched; none where the faces' own features are embeddings.
  EmbeddingIndex(const Store& store, int threads, std::optional<std::size_t> global = std::nullopt);

  Status CheckShapes(std::span<const ItemUpdate> items) const override;
  Result<std::vector<NearFace>> Nearest(const Features& photo, std::size_t space, int count,
                                        const FaceFilter& filter) const override;
  Status Change(std::span<const StoredFeatures> added,
                std::span<const FaceNumber> dropped) override;
  Status Load(std::optional<Snapshot> newest) override;
  Status Build(const ProgressFunction& progress) override;
  bool Outgrown() const override { return false; }
  Status Publish(GenerationFiles& files) override;
  bool PublishingPays() const override { return false; }
  std::uint64_t covered_change() const override;
  std::shared_ptr<const FeatureCounts> feature_counts() const override;
  void Describe(CollectionStats& stats) const override;

 private:
  struct Held {
    EmbeddingRows rows;
    std::shared_ptr<const FeatureCounts> counts = std::make_shared<const FeatureCounts>();
    std::shared_ptr<const FaceKeys> keys = std::make_shared<const FaceKeys>();
    std::uint64_t covered_change = 0;
    std::uint64_t built_features = 0;  // features in the catalogue at the last Build
  };

  // Those of a face's features that are searched; null when it has none.
  const Features* Searched(const Features& features) const;
  Result<std::optional<Features>> Read(FaceNumber number) const;

  const Store& store_;
  int threads_;
  std::optional<std::size_t> global_;
  Current<Held> current_;
};

}  // namespace inlier
