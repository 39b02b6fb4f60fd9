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
/// the database is opened.
class EmbeddingIndex final : public ItemIndex {
 public:
  /// The store must outlive it. `threads`: for reading the store.
  EmbeddingIndex(const Store& store, int threads);

  Status CheckShapes(std::span<const ItemUpdate> items) const override;
  Result<std::vector<NearFace>> Nearest(const Features& photo, int count,
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

  const Store& store_;
  int threads_;
  Current<Held> current_;
};

}  // namespace inlier
