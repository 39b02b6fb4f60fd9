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

/// A detector and an embedding that a configuration names. Safe to call from many threads.
class DeepModel {
 public:
  /// `name`: see FindModel. The model that was asked for last stays in memory, for the next who
  /// asks: options are checked, databases opened and photos answered with the same one. Errors: as
  /// FindModel, ReadModelConfig, Detector::Open and Embedder::Open.
  static Result<std::shared_ptr<const DeepModel>> Load(const std::string& name);

  const ModelConfig& config() const { return config_; }
  const Embedder& embedder() const { return *embedder_; }
  /// The whole image, then what the detector finds, best first, then the crops.
  std::vector<Detection> Regions(const Image& image) const;

 private:
  DeepModel() = default;
  ModelConfig config_;
  std::unique_ptr<Detector> detector_;  // null when there is none
  std::unique_ptr<Embedder> embedder_;
};

}  // namespace inlier
