#pragma once

#include <memory>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"
#include "deep/model_config.h"
#include "deep/onnx_model.h"

namespace inlier {

/// Turns a region of an image into a vector with a network. Safe to call from many threads.
class Embedder {
 public:
  /// Errors: as OnnxModel::Open; kInvalidArgument when an output to be pooled is not a feature map,
  /// when an output is empty, or when all of them together have more than 65,535 numbers.
  static Result<std::unique_ptr<Embedder>> Open(const EmbeddingConfig& config);

  /// The length of the vectors.
  int dims() const { return dims_; }
  /// The embedding of `region`, of unit length. It joins the network's outputs, each of which is
  /// pooled and scaled to unit length first.
  std::vector<float> Embed(const Image& image, const Box& region) const;

 private:
  Embedder(EmbeddingConfig config, std::shared_ptr<const OnnxModel> network, int dims)
      : config_(std::move(config)), network_(std::move(network)), dims_(dims) {}
  EmbeddingConfig config_;
  std::shared_ptr<const OnnxModel> network_;
  int dims_ = 0;
};

/// Scales to unit length (L2). A vector of zeros stays as it is.
void Normalise(std::vector<float>& values);

}  // namespace inlier
