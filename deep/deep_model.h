#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"
#include "deep/detector.h"
#include "deep/embedder.h"
#include "deep/model_config.h"

namespace inlier {

/// The detector and the embedder that a configuration names. Safe to call from many threads.
class DeepModel {
 public:
  /// Loads the model that FindModel finds by `name`. The last one that was loaded stays in memory
  /// and is returned again as long as its files do not change, because the same model is needed to
  /// check options, to open databases and to answer photos. Errors: as FindModel, ReadModelConfig,
  /// Detector::Open and Embedder::Open.
  static Result<std::shared_ptr<const DeepModel>> Load(const std::string& name);

  const ModelConfig& config() const { return config_; }
  const Embedder& embedder() const { return *embedder_; }
  /// The whole image, then the detections, best first, then the crops of the configuration.
  std::vector<Detection> Regions(const Image& image) const;

 private:
  DeepModel() = default;
  ModelConfig config_;
  std::unique_ptr<Detector> detector_;  // null when the configuration names none
  std::unique_ptr<Embedder> embedder_;
};

}  // namespace inlier
