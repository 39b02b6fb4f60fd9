#pragma once

#include <memory>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"
#include "deep/model_config.h"
#include "deep/onnx_model.h"

namespace inlier {

/// A region that looks like a thing.
struct Detection {
  Box box;          // within the image
  float score = 0;  // of its best class, [0, 1]
  int label = 0;    // that class
};

/// Finds things of any class. A product is often none of the classes that a detector was trained
/// for, so the class does not matter: a box has the score of its best class, and only the best of
/// several overlapping boxes stays. Safe to call from many threads.
class Detector {
 public:
  /// Errors: as OnnxModel::Open; kInvalidArgument when outputs do not have the shapes that follow
  /// from the configuration.
  static Result<std::unique_ptr<Detector>> Open(const DetectorConfig& config);

  /// At most config.regions things, the best first.
  std::vector<Detection> Detect(const Image& image) const;

 private:
  Detector(DetectorConfig config, std::shared_ptr<const OnnxModel> network)
      : config_(std::move(config)), network_(std::move(network)) {}
  DetectorConfig config_;
  std::shared_ptr<const OnnxModel> network_;
};

}  // namespace inlier
