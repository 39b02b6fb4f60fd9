#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "core/result.h"
#include "deep/model_config.h"
#include "deep/onnx_model.h"

namespace inlier {

/// The numbers of an embedding that come from one output of the network.
struct EmbeddingPart {
  std::size_t begin = 0, dims = 0;
  float weight = 1;
  int whitened = 0;  // as EmbeddingOutput::whitened
};

/// Turns a region of an image into a vector with a network. Safe to call from many threads.
class Embedder {
 public:
  /// Errors: as OnnxModel::Open; kInvalidArgument when an output to be pooled is not a feature map,
  /// when an output is empty, or when all of them together have more than 65,535 numbers.
  static Result<std::unique_ptr<Embedder>> Open(const EmbeddingConfig& config);

  /// The length of the vectors.
  int dims() const { return static_cast<int>(parts_.back().begin + parts_.back().dims); }
  /// What the vectors are made of, one after the other.
  const std::vector<EmbeddingPart>& parts() const { return parts_; }
  /// The embedding of `region`, of unit length. It joins the network's outputs, each of which is
  /// pooled and scaled to its weight first. Outputs that are to be whitened are included as they
  /// are.
  std::vector<float> Embed(const Image& image, const Box& region) const;

 private:
  Embedder(EmbeddingConfig config, std::shared_ptr<const OnnxModel> network,
           std::vector<EmbeddingPart> parts)
      : config_(std::move(config)), network_(std::move(network)), parts_(std::move(parts)) {}
  EmbeddingConfig config_;
  std::shared_ptr<const OnnxModel> network_;
  std::vector<EmbeddingPart> parts_;
};

/// Scales to `length` (L2). A vector of zeros stays as it is.
void Normalise(std::span<float> values, float length = 1);

}  // namespace inlier
