#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace inlier {

/// Numbers in row-major order.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// A network in an ONNX file with one input of floats, run by ONNX Runtime on the calling thread
/// alone. Safe to call from many threads.
class OnnxModel {
 public:
  /// Runs it once on zeros of `input_shape`, so that what it cannot do is known here. Errors:
  /// kNotFound; kInvalidArgument (not a network, no such output, another input); kIncompatible in a
  /// build without ONNX Runtime, saying how to get it.
  static Result<std::shared_ptr<const OnnxModel>> Open(const std::filesystem::path& path,
                                                       std::vector<std::string> outputs,
                                                       std::vector<std::int64_t> input_shape);
  ~OnnxModel();

  /// The outputs for `input` of the shape that Open was given. What ran once fails for want of
  /// memory only, which is thrown as std::bad_alloc.
  std::vector<Tensor> Run(std::span<const float> input) const;
  /// Shapes of the outputs.
  const std::vector<std::vector<std::int64_t>>& output_shapes() const;

 private:
  struct State;
  explicit OnnxModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inlier
