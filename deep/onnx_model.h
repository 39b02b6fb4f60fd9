#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace inlier {

/// An array of numbers in row-major order.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// A network in an ONNX file with one input of floats, run by ONNX Runtime on the calling thread
/// alone. Safe to call from many threads.
class OnnxModel {
 public:
  /// Opens the network and runs it once on zeros of `input_shape`, so that a network that does not
  /// fit fails here and not later. Errors: kNotFound; kInvalidArgument (not a network, no such
  /// output, an input of another shape); kIncompatible in a build without ONNX Runtime, with a
  /// message that says how to get it.
  static Result<std::shared_ptr<const OnnxModel>> Open(const std::filesystem::path& path,
                                                       std::vector<std::string> outputs,
                                                       std::vector<std::int64_t> input_shape);
  ~OnnxModel();

  /// The outputs for `input`, which has the shape that Open was given. A network that ran once can
  /// only fail when memory runs out, which is thrown as std::bad_alloc.
  std::vector<Tensor> Run(std::span<const float> input) const;
  /// The same for an input of another shape, which must suit the network as that of Open did.
  std::vector<Tensor> Run(std::span<const float> input, std::span<const std::int64_t> shape) const;
  /// The shapes of the outputs, in the order in which Open was given their names.
  const std::vector<std::vector<std::int64_t>>& output_shapes() const;

 private:
  struct State;
  explicit OnnxModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace inlier
