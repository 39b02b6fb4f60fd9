#pragma once

#include <span>
#include <vector>

#include "core/result.h"
#include "extractor/extractor.h"
#include "index/collection.h"
#include "inlier/engine.h"

namespace inlier {

/// Brings items into a collection: reads and decodes their pictures, extracts their features, and
/// writes them. Extraction runs on many threads; writes come from the calling thread, a batch at a
/// time. Both arguments must outlive it.
class Indexer {
 public:
  Indexer(const Extractor& extractor, Collection& collection)
      : extractor_(extractor), collection_(collection) {}

  /// See Engine.
  Result<IndexReport> IndexCatalogue(const Catalogue& catalogue, const IndexOptions& options);
  Status Add(const std::string& id, const std::filesystem::path& image, const Metadata& metadata);
  Result<std::vector<Status>> AddBatch(std::span<const ItemToAdd> items, int threads);

 private:
  DecodeOptions decode_options() const;
  /// An item with its features and preview.
  NewItem Describe(ItemRecord record, const Image& image) const;
  Result<NewItem> Describe(const ItemToAdd& item) const;

  // One row of a catalogue, and what has to be done about it.
  struct Row;
  Result<Row> Prepare(const CatalogueEntry& entry) const;
  std::vector<Row> PrepareBatch(std::span<const CatalogueEntry> entries, std::size_t total,
                                const IndexOptions& options);
  Status Store(std::vector<Row>& rows);
  static void Report(std::span<const CatalogueEntry> entries, std::span<const Row> rows,
                     const IndexOptions& options, IndexReport& report);
  Status Prune(const Catalogue& catalogue, const IndexOptions& options, IndexReport& report);

  const Extractor& extractor_;
  Collection& collection_;
  std::size_t prepared_ = 0;  // rows, for the progress of IndexCatalogue
};

}  // namespace inlier
