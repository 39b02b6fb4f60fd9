#include "deep/xfeat_network.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "core/blob.h"
#include "core/mat.h"
#include "deep/model_folders.h"

namespace inlier {
namespace {

constexpr const char* kFile = "xfeat.onnx";
constexpr std::int64_t kMost_bytes = 100'000'000;
constexpr int kStep_px = 32;  // the coarsest layer of the network halves its image five times
constexpr float kScale = 1 / 255.0f;

int NetworkSide(int side_px) {
  return std::max((side_px + kStep_px / 2) / kStep_px * kStep_px, kStep_px);
}

struct NetworkFile {
  std::filesystem::path path;
  std::string hash;
};

Result<NetworkFile> FindNetwork() {
  const auto path = FindModelFile(kFile);
  if (!path) {
    return Fail(ErrorCode::kNotFound,
                "method xfeat has no network yet: run scripts/setup-deep and build again");
  }
  const auto bytes = ReadFileBytes(*path, kMost_bytes);
  if (!bytes) return Within(path->string(), bytes.error());
  return NetworkFile{*path, ContentHash(*bytes)};
}

}  // namespace

Result<std::shared_ptr<const XfeatNetwork>> XfeatNetwork::Load() {
  INLIER_ASSIGN_OR_RETURN(const NetworkFile file, FindNetwork());
  static std::mutex mutex;
  static std::shared_ptr<const XfeatNetwork> last;
  std::lock_guard lock(mutex);
  if (last && last->hash_ == file.hash) return last;
  auto network = std::shared_ptr<XfeatNetwork>(new XfeatNetwork);
  INLIER_ASSIGN_OR_RETURN(network->model_,
                          OnnxModel::Open(file.path, {"features", "keypoints", "reliability"},
                                          {1, 1, kStep_px, kStep_px}));
  constexpr std::int64_t kCells = kStep_px / kXfeatCell_px;
  const std::vector<std::vector<std::int64_t>> expected = {
      {1, kXfeatDims, kCells, kCells},
      {1, kXfeatCell_px * kXfeatCell_px + 1, kCells, kCells},
      {1, 1, kCells, kCells}};
  if (network->model_->output_shapes() != expected) {
    return Fail(ErrorCode::kInvalidArgument,
                file.path.string() + ": has outputs of other shapes than XFeat");
  }
  network->hash_ = file.hash;
  last = network;
  return last;
}

XfeatMaps XfeatNetwork::Run(const Image& grey, float least) const {
  const int width_px = NetworkSide(grey.width_px), height_px = NetworkSide(grey.height_px);
  cv::Mat sized = AsMat(grey);
  if (width_px != grey.width_px || height_px != grey.height_px)
    cv::resize(AsMat(grey), sized, {width_px, height_px}, 0, 0, cv::INTER_LINEAR);
  std::vector<float> values(sized.total());
  std::transform(sized.datastart, sized.dataend, values.begin(),
                 [](std::uint8_t v) { return static_cast<float>(v) * kScale; });
  const std::array<std::int64_t, 4> shape = {1, 1, height_px, width_px};
  const std::vector<Tensor> outputs = model_->Run(values, shape);
  return MakeXfeatMaps(outputs[0], outputs[1], outputs[2], least);
}

Result<std::string> IdentifyXfeat() {
  INLIER_ASSIGN_OR_RETURN(NetworkFile file, FindNetwork());
  return std::move(file.hash);
}

}  // namespace inlier
