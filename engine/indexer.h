#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/picture_maker.h"
#include "extractor/extractor.h"
#include "index/collection.h"
#include "inlier/engine.h"

namespace inlier {

/// Brings single items and pictures into a collection, and seeks their twins. All arguments must
/// outlive it.
class Indexer {
 public:
  Indexer(const Extractor& extractor, Collection& collection, const EngineOptions& options,
          const DecodeLimits& limits)
      : maker_(extractor, limits), collection_(collection), options_(options) {}

  /// See Engine.
  Status Add(const ItemToAdd& item);
  Status AddPicture(const std::string& id, const Picture& picture);
  Result<std::vector<Status>> AddBatch(std::span<const ItemToAdd> items, int threads);

 private:
  Result<ItemUpdate> Describe(const ItemToAdd& item) const;
  Status Put(const std::vector<ItemUpdate>& updates, int threads);

  PictureMaker maker_;
  Collection& collection_;
  const EngineOptions& options_;
};

}  // namespace inlier
