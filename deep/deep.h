#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "deep/model_config.h"
#include "extractor/extractor.h"

namespace inlier {

/// The method whose features are embeddings.
inline constexpr std::string_view kDeepMethod = "deep";

/// Adds the methods that run a network to those that CreateExtractor knows. The features of `deep`
/// are the regions of an image, the whole image first, each with an embedding
/// (DescriptorKind::kEmbedding); deep/xfeat.h has the other method. May be called any number of
/// times, from any thread.
void AddDeepMethods();

/// What the features of `deep` depend on besides its options: the contents of the model and of the
/// projection, as hashes.
struct DeepIdentity {
  std::string model;
  std::string projection;  // empty when there is none
};
/// Errors: as DeepModel::Load and Projection::Read.
Result<DeepIdentity> IdentifyDeep(const ExtractorOptions& options);

/// The calibration of the projection or, where there is none, of the model. Errors: as above.
Result<Calibration> DeepCalibration(const ExtractorOptions& options);

}  // namespace inlier
