#include "engine/retrievals.h"

#include <algorithm>
#include <utility>

#include "deep/deep.h"
#include "engine/embedding_retrieval.h"
#include "engine/local_retrieval.h"
#include "engine/recipe.h"
#include "extractor/look.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

// How likely it is that the item whose colours are most like the photo's is the one in the photo.
// Fitted to garments by benchmarks/calibrate_embedding.py; docs/EVALUATION.md ("Look") says how it
// holds on photos and on whole sets that were left out.
constexpr Calibration kLookCalibration = {.offset = -12.2, .similarity = 11.4, .margin = 32.0};

}  // namespace

Result<std::unique_ptr<Retrieval>> MakeRetrieval(const EngineOptions& options) {
  if (options.extract.method == kLookMethod)
    return std::make_unique<EmbeddingRetrieval>(options, kLookCalibration);
  if (!IsEmbeddingMethod(options.extract.method)) {
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
