#pragma once

#include <cstddef>
#include <vector>

#include "deep/model_config.h"
#include "engine/hypothesis.h"
#include "engine/retrieval.h"

namespace inlier {

/// The items that are nearest to the photo in one space of embeddings, best first, each once, with
/// what the nearest rows say about them. Errors: kInvalidArgument (no such space), kCorrupt, kIo.
Result<std::vector<Hypothesis>> NearestItems(const CatalogueView& catalogue, const Features& photo,
                                             std::size_t space, const Calibration& calibration,
                                             const DecisionOptions& options);

/// Retrieval by embeddings: the regions of the photo are compared with all items by their cosine.
/// There is no geometry, so an item's place is the region of the photo that it is nearest to, and
/// its probability comes from how near it is and how much nearer than the best other item. Several
/// items may be accepted, one a region.
class EmbeddingRetrieval : public Retrieval {
 public:
  EmbeddingRetrieval(const EngineOptions& options, const Calibration& calibration)
      : options_(options), calibration_(calibration) {}

  Status Find(const CatalogueView& catalogue, const Question& question, StageClock& clock,
              Answer& answer) const override;
  Result<Comparison> Compare(const Image& photo, const Features& of_photo,
                             const StoredFace& face) const override;

 private:
  EngineOptions options_;
  Calibration calibration_;
};

}  // namespace inlier
