#include "engine/retrievals.h"

#include <algorithm>
#include <array>
#include <utility>

#include "deep/deep.h"
#include "engine/embedding_retrieval.h"
#include "engine/hybrid/hybrid_extractor.h"
#include "engine/hybrid/hybrid_retrieval.h"
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

Result<std::unique_ptr<LocalRetrieval>> MakeLocal(const EngineOptions& options) {
  std::unique_ptr<const Extractor> fuller;
  if (options.photo.max_features > options.extract.max_features) {
    ExtractorOptions more = options.extract;
    more.max_features = options.photo.max_features;
    more.max_side_px = std::max(more.max_side_px, options.photo.max_side_px);
    INLIER_ASSIGN_OR_RETURN(fuller, CreateExtractor(more));
  }
  return std::make_unique<LocalRetrieval>(options, std::move(fuller));
}

Result<std::unique_ptr<Retrieval>> MakeHybridRetrieval(const EngineOptions& options) {
  EngineOptions of_local = options;
  of_local.extract = LocalPart(options.extract);
  INLIER_ASSIGN_OR_RETURN(auto extractor, CreateExtractor(of_local.extract));
  INLIER_ASSIGN_OR_RETURN(auto local, MakeLocal(of_local));
  std::array<Calibration, kHybridSpaces> calibrations;
  calibrations[kLookSpace] = kLookCalibration;
  INLIER_ASSIGN_OR_RETURN(calibrations[kEmbeddingSpace],
                          DeepCalibration(EmbeddingPart(options.extract)));
  return std::make_unique<HybridRetrieval>(options, std::move(extractor), std::move(local),
                                           calibrations);
}

}  // namespace

Result<std::unique_ptr<Retrieval>> MakeRetrieval(const EngineOptions& options) {
  if (options.extract.method == kHybridMethod) return MakeHybridRetrieval(options);
  if (options.extract.method == kLookMethod)
    return std::make_unique<EmbeddingRetrieval>(options, kLookCalibration);
  if (!IsEmbeddingMethod(options.extract.method)) {
    INLIER_ASSIGN_OR_RETURN(auto local, MakeLocal(options));
    return local;
  }
  INLIER_ASSIGN_OR_RETURN(const Calibration calibration, DeepCalibration(options.extract));
  return std::make_unique<EmbeddingRetrieval>(options, calibration);
}

}  // namespace inlier
