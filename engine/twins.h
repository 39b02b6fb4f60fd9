#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "core/result.h"
#include "engine/catalogue_view.h"
#include "index/collection.h"
#include "inlier/options.h"
#include "inlier/progress.h"

namespace inlier {

/// Finds the twins of the faces with these numbers, among each other and among all others in the
/// catalogue. Each face asks the index with its strongest features, and only suspects are compared
/// in full. Of each pair the first number is the lower one; the likeness is .5 to 1 (LikenessOf in
/// matcher/likeness.h). Pairs are sorted, and the same for any number of threads. There are none in
/// a collection of embeddings: a network that was trained to know kinds of things gives siblings
/// the same cosine as twins. Errors: kCorrupt, kIo.
Result<std::vector<TwinFaces>> FindTwins(const CatalogueView& catalogue,
                                         std::span<const FaceNumber> numbers,
                                         const EngineOptions& options, int threads);

/// Seeks the twins of the faces from `begin` on, and enters them into the collection. Errors: as
/// FindTwins; kCancelled.
Status SeekTwins(Collection& collection, FaceNumber begin, const EngineOptions& options,
                 int threads, const ProgressFunction& progress = {},
                 const std::atomic<bool>* cancel = nullptr);

}  // namespace inlier
