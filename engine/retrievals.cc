#include "engine/retrievals.h"

#include <algorithm>
#include <utility>

#include "deep/deep.h"
#include "engine/embedding_retrieval.h"
#include "engine/local_retrieval.h"
#include "extractor/methods.h"

namespace inlier {

Result<std::unique_ptr<Retrieval>> MakeRetrieval(const EngineOptions& options) {
  if (options.extract.method != kDeepMethod) {
    std::unique_ptr<const Extractor> fuller;
    if (options.photo.max_features > options.extract.max_features) {
      ExtractorOptions more = options.extract;
      more.max_features = options.photo.max_features;
      more.max_side_px = std::max(more.max_side_px, options.photo.max_side_px);
      INLIER_ASSIGN_OR_RETURN(fuller, CreateExtractor(more));
    }
    return std::make_unique<LocalRetrieval>(options, std::move(fuller));
  }
  INLIER_ASSIGN_OR_RETURN(const Calibration calibration, DeepCalibration(options.extract));
  return std::make_unique<EmbeddingRetrieval>(options, calibration);
}

}  // namespace inlier
