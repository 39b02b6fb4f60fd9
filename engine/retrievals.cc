#include "engine/retrievals.h"

#include "deep/deep.h"
#include "engine/embedding_retrieval.h"
#include "engine/local_retrieval.h"

namespace inlier {

Result<std::unique_ptr<Retrieval>> MakeRetrieval(const EngineOptions& options) {
  if (options.extract.method != kDeepMethod) return std::make_unique<LocalRetrieval>(options);
  INLIER_ASSIGN_OR_RETURN(const Calibration calibration, DeepCalibration(options.extract));
  return std::make_unique<EmbeddingRetrieval>(options, calibration);
}

}  // namespace inlier
