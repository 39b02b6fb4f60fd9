// The only file that calls ONNX Runtime. Builds without its headers compile onnx_model_absent.cc
// instead. The library itself is opened when the first network is (onnx_library.h), so the C++
// interface of the runtime, which is all in its headers, is given its functions by hand.
//
// A session runs on the thread that calls it, and Inlier's ParallelFor is the only source of
// threads, so one session serves all threads and results do not depend on their number. They do
// depend on the processor, because the runtime has kernels for each instruction set.
#include "deep/onnx_model.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>
#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT

#include "deep/onnx_library.h"

namespace inlier {
namespace {

// Gives the runtime's functions to its C++ interface, once.
Status StartRuntime() {
  static const Status started = []() -> Status {
    INLIER_ASSIGN_OR_RETURN(const OnnxLibrary library, OpenOnnxLibrary());
    const auto get_base = reinterpret_cast<const OrtApiBase* (*)()>(library.get_api_base);
    const OrtApi* const api = get_base()->GetApi(ORT_API_VERSION);
    if (api == nullptr)
      return Fail(
          ErrorCode::kIncompatible,
          fmt::format("{}: ONNX Runtime {} is older than the headers of this build ({})",
                      library.path.string(), get_base()->GetVersionString(), ORT_API_VERSION));
    Ort::InitApi(api);
    return {};
  }();
  return started;
}

// The one environment of all sessions. It is never destroyed, since sessions may live in statics.
Ort::Env& Environment() {
  static auto& environment = *new Ort::Env(ORT_LOGGING_LEVEL_FATAL, "inlier");
  return environment;
}

// The runtime's message without the lines that follow, which name places in its sources.
std::string FirstLine(const std::exception& e) {
  const std::string text = e.what();
  return text.substr(0, text.find('\n'));
}

std::size_t Count(std::span<const std::int64_t> shape) {
  std::size_t count = 1;
  for (const std::int64_t size : shape)
    count *= static_cast<std::size_t>(std::max<std::int64_t>(size, 0));
  return count;
}

}  // namespace

struct OnnxModel::State {
  Ort::Session session{nullptr};
  std::string input;
  std::vector<std::string> outputs;
  std::vector<std::int64_t> input_shape;
  std::vector<std::vector<std::int64_t>> output_shapes;

  std::vector<Tensor> Run(std::span<const float> values, std::span<const std::int64_t> shape) {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    // The runtime does not change its inputs, although it takes no pointer to const.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    auto* const in_values = const_cast<float*>(values.data());
    const Ort::Value in = Ort::Value::CreateTensor<float>(memory, in_values, values.size(),
                                                          shape.data(), shape.size());
    std::vector<const char*> names;
    for (const std::string& name : outputs) names.push_back(name.c_str());
    const char* const input_name = input.c_str();
    std::vector<Tensor> tensors;
    for (const Ort::Value& out :
         session.Run(Ort::RunOptions{nullptr}, &input_name, &in, 1, names.data(), names.size())) {
      const auto info = out.GetTensorTypeAndShapeInfo();
      if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
        throw Ort::Exception("an output has numbers that are not floats", ORT_INVALID_ARGUMENT);
      const auto* data = out.GetTensorData<float>();
      tensors.push_back({info.GetShape(), {data, data + info.GetElementCount()}});
    }
    return tensors;
  }
};

OnnxModel::OnnxModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
OnnxModel::~OnnxModel() = default;
const std::vector<std::vector<std::int64_t>>& OnnxModel::output_shapes() const {
  return state_->output_shapes;
}

Result<std::shared_ptr<const OnnxModel>> OnnxModel::Open(const std::filesystem::path& path,
                                                         std::vector<std::string> outputs,
                                                         std::vector<std::int64_t> input_shape) {
  const auto invalid = [&path](const std::string& what) {
    return Fail(ErrorCode::kInvalidArgument, path.string() + ": " + what);
  };
  std::error_code ec;
  if (!std::filesystem::is_regular_file(path, ec))
    return Fail(ErrorCode::kNotFound, path.string() + ": no such file");
  INLIER_RETURN_IF_ERROR(StartRuntime());
  try {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    options.SetInterOpNumThreads(1);
    options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
    auto state = std::make_unique<State>();
    state->session = Ort::Session(Environment(), path.c_str(), options);
    Ort::AllocatorWithDefaultOptions allocator;
    if (state->session.GetInputCount() != 1)
      return invalid(fmt::format("has {} inputs; a network needs exactly one",
                                 state->session.GetInputCount()));
    state->input = state->session.GetInputNameAllocated(0, allocator).get();
    std::vector<std::string> known;
    for (std::size_t i = 0; i < state->session.GetOutputCount(); ++i)
      known.emplace_back(state->session.GetOutputNameAllocated(i, allocator).get());
    for (const std::string& name : outputs) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        return invalid(fmt::format("has no output '{}'; it has {}", name, fmt::join(known, ", ")));
      }
    }
    state->outputs = std::move(outputs);
    state->input_shape = std::move(input_shape);
    const std::vector<float> zeros(Count(state->input_shape));
    for (const Tensor& tensor : state->Run(zeros, state->input_shape))
      state->output_shapes.push_back(tensor.shape);
    return std::shared_ptr<const OnnxModel>(new OnnxModel(std::move(state)));
  } catch (const std::exception& e) {
    return invalid(FirstLine(e));
  }
}

std::vector<Tensor> OnnxModel::Run(std::span<const float> input) const {
  return Run(input, state_->input_shape);
}

std::vector<Tensor> OnnxModel::Run(std::span<const float> input,
                                   std::span<const std::int64_t> shape) const {
  try {
    return state_->Run(input, shape);
  } catch (const Ort::Exception&) {
    throw std::bad_alloc();
  }
}

}  // namespace inlier
