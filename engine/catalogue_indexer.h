#pragma once

#include <span>
#include <vector>

#include "core/result.h"
#include "engine/picture_maker.h"
#include "extractor/extractor.h"
#include "index/collection.h"
#include "inlier/engine.h"

namespace inlier {

/// Brings a collection up to date with a catalogue: reads the pictures, describes those that are
/// new or have changed, and writes them. Pictures are described on many threads; writes come from
/// the calling thread, a batch at a time. All arguments must outlive it.
class CatalogueIndexer {
 public:
  CatalogueIndexer(const Extractor& extractor, Collection& collection, const EngineOptions& options,
                   const DecodeLimits& limits)
      : maker_(extractor, limits), collection_(collection), engine_options_(options) {}

  /// See Engine.
  Result<IndexReport> Run(const Catalogue& catalogue, const IndexOptions& options);

 private:
  // One item of a catalogue, and what has to be done about it.
  struct Row;
  Result<Row> Begin(const CatalogueEntry& entry) const;
  // Says what is done about an item all of whose pictures have been looked at.
  static void Decide(const CatalogueEntry& entry, bool prune, Row& row);
  // Reads one picture of an item: what is new in it, or the record that the item has already.
  Result<NewPicture> PreparePicture(const std::filesystem::path& image,
                                    const std::optional<ItemRecord>& known,
                                    PictureOutcome& outcome) const;
  Result<std::vector<Row>> PrepareBatch(std::span<const CatalogueEntry> entries, std::size_t total,
                                        const IndexOptions& options);
  Status Store(std::vector<Row>& rows);
  static void Report(std::span<const CatalogueEntry> entries, std::span<const Row> rows,
                     const IndexOptions& options, IndexReport& report);
  Status Prune(const Catalogue& catalogue, const IndexOptions& options, IndexReport& report);

  PictureMaker maker_;
  Collection& collection_;
  const EngineOptions& engine_options_;
  std::size_t prepared_ = 0;  // items, for the progress
};

}  // namespace inlier
