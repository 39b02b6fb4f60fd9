#pragma once

#include <memory>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"
#include "deep/model_config.h"
#include "deep/onnx_model.h"

namespace inlier {

/// Turns a region of an image into a vector. Safe to call from many threads.
class Embedder {
 public:
  /// Errors: as OnnxModel::Open; kInvalidArgument when outputs are no maps (or, unpooled, no
  /// vectors), or are too large for a row.
  static Result<std::unique_ptr<Embedder>> Open(const EmbeddingConfig& config);

  int dims() const { return dims_; }
  /// Each output pooled and of unit length; all of them joined, of unit length.
  std::vector<float> Embed(const Image& image, const Box& region) const;

 private:
  Embedder(EmbeddingConfig config, std::shared_ptr<const OnnxModel> network, int dims)
      : config_(std::move(config)), network_(std::move(network)), dims_(dims) {}
  EmbeddingConfig config_;
  std::shared_ptr<const OnnxModel> network_;
  int dims_ = 0;
};

/// Scales to unit length; zeros stay.
void Normalise(std::vector<float>& values);

}  // namespace inlier
