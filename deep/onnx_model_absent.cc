// Stands in for onnx_model.cc in a build without the headers of ONNX Runtime.
#include "deep/onnx_library.h"
#include "deep/onnx_model.h"

namespace inlier {

struct OnnxModel::State {
  std::vector<std::vector<std::int64_t>> output_shapes;
};

OnnxModel::OnnxModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
OnnxModel::~OnnxModel() = default;
const std::vector<std::vector<std::int64_t>>& OnnxModel::output_shapes() const {
  return state_->output_shapes;
}

// The interface is that of onnx_model.cc, which needs the parameters and `this`.
// NOLINTBEGIN(performance-unnecessary-value-param,readability-convert-member-functions-to-static)
Result<std::shared_ptr<const OnnxModel>> OnnxModel::Open(const std::filesystem::path&,
                                                         std::vector<std::string>,
                                                         std::vector<std::int64_t>) {
  return Fail(ErrorCode::kIncompatible, kNoOnnxLibrary);
}

std::vector<Tensor> OnnxModel::Run(std::span<const float>) const { return {}; }
std::vector<Tensor> OnnxModel::Run(std::span<const float>, std::span<const std::int64_t>) const {
  return {};
}
// NOLINTEND(performance-unnecessary-value-param,readability-convert-member-functions-to-static)

}  // namespace inlier
