#include "deep/deep_model.h"

#include <mutex>

namespace inlier {

Result<std::shared_ptr<const DeepModel>> DeepModel::Load(const std::string& name) {
  INLIER_ASSIGN_OR_RETURN(const auto path, FindModel(name));
  INLIER_ASSIGN_OR_RETURN(ModelConfig config, ReadModelConfig(path));
  static std::mutex mutex;
  static std::shared_ptr<const DeepModel> last;
  std::lock_guard lock(mutex);
  if (last && last->config_.hash == config.hash) return last;
  auto model = std::shared_ptr<DeepModel>(new DeepModel);
  const auto open = [&]() -> Status {
    if (config.detects) {
      INLIER_ASSIGN_OR_RETURN(model->detector_, Detector::Open(config.detector));
    }
    INLIER_ASSIGN_OR_RETURN(model->embedder_, Embedder::Open(config.embedding));
    return {};
  };
  if (const Status opened = open(); !opened) return Within(path.string(), opened.error());
  model->config_ = std::move(config);
  last = model;
  return last;
}

std::vector<Detection> DeepModel::Regions(const Image& image) const {
  std::vector<Detection> regions{{.box = WholeImage(image), .score = 1}};
  if (detector_) {
    for (const Detection& detection : detector_->Detect(image)) regions.push_back(detection);
  }
  const Box whole = WholeImage(image);
  for (const float share : config_.crops) {
    const float x_px = whole.width_px() * (1 - share) / 2,
                y_px = whole.height_px() * (1 - share) / 2;
    regions.push_back({.box = {whole.left_px + x_px, whole.top_px + y_px, whole.right_px - x_px,
                               whole.bottom_px - y_px}});
  }
  return regions;
}

}  // namespace inlier
