// A one-stage detector without anchors, in the manner of FCOS (Tian et al., ICCV 2019).
//
// The network gives feature maps of several strides. Each cell of a map has a score for each class
// and four distances, from the cell's centre to the left, upper, right and lower side of a box.
// NanoDet, which comes with the project, gives each distance as a distribution over 0, 1, 2, …
// strides, as logits: its mean is the distance (Li et al., "Generalized focal loss", NeurIPS 2020,
// Eq. 5). DecodeLevel turns the cells of one map into boxes of the image, and KeepBest
// drops those that overlap with a better one.
#include "deep/detector.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "deep/network_input.h"

namespace inlier {
namespace {

constexpr std::size_t kMaxBoxes = 1000;  // that non-maximum suppression looks at

// The mean of the distribution that the logits give: Σ k · softmax(logits)ₖ.
float MeanBin(const float* logits, int bins) {
  const float most = *std::max_element(logits, logits + bins);
  double weights = 0, sum = 0;
  for (int k = 0; k < bins; ++k) {
    const double weight = std::exp(static_cast<double>(logits[k] - most));
    weights += weight;
    sum += weight * k;
  }
  return static_cast<float>(sum / weights);
}

// Intersection over union.
double Overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right_px, b.right_px) - std::max(a.left_px, b.left_px);
  const double height = std::min(a.bottom_px, b.bottom_px) - std::max(a.top_px, b.top_px);
  if (width <= 0 || height <= 0) return 0;
  const double both = width * height;
  return both / (static_cast<double>(a.width_px()) * a.height_px() +
                 static_cast<double>(b.width_px()) * b.height_px() - both);
}

// Appends the boxes of one feature map in the order of its cells, cut off at `limits`.
void DecodeLevel(const DetectorConfig& config, int stride_px, const Tensor& scores,
                 const Tensor& boxes, const NetworkImage& input, const Box& limits,
                 std::vector<Detection>& found) {
  const int columns = config.input.width_px / stride_px;
  const auto classes = static_cast<std::size_t>(scores.shape.back());
  const std::size_t cells = scores.values.size() / classes;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const float* row = &scores.values[cell * classes];
    const float* best = std::max_element(row, row + classes);
    if (!(*best >= config.least_score)) continue;
    const auto x = static_cast<float>((static_cast<int>(cell) % columns + 0.5) * stride_px);
    const auto y = static_cast<float>((static_cast<int>(cell) / columns + 0.5) * stride_px);
    float sides_px[4];
    for (int side = 0; side < 4; ++side) {
      const float* at = &boxes.values[(cell * 4 + static_cast<std::size_t>(side)) *
                                      static_cast<std::size_t>(config.bins)];
      sides_px[side] =
          config.bins == 1 ? *at : MeanBin(at, config.bins) * static_cast<float>(stride_px);
    }
    const Box box{
        std::max((x - sides_px[0]) * input.scale_x + input.offset_x_px, limits.left_px),
        std::max((y - sides_px[1]) * input.scale_y + input.offset_y_px, limits.top_px),
        std::min((x + sides_px[2]) * input.scale_x + input.offset_x_px, limits.right_px),
        std::min((y + sides_px[3]) * input.scale_y + input.offset_y_px, limits.bottom_px)};
    if (box.width_px() >= 1 && box.height_px() >= 1)
      found.push_back({box, *best, static_cast<int>(best - row)});
  }
}

// Greedy non-maximum suppression over all classes. Ties stay in the order of the cells.
std::vector<Detection> KeepBest(std::vector<Detection> found, const DetectorConfig& config) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  if (found.size() > kMaxBoxes) found.resize(kMaxBoxes);
  std::vector<Detection> kept;
  for (const Detection& detection : found) {
    if (kept.size() == static_cast<std::size_t>(config.regions)) break;
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const Detection& better) {
      return Overlap(better.box, detection.box) > config.most_overlap;
    });
    if (!known) kept.push_back(detection);
  }
  return kept;
}

}  // namespace

Result<std::unique_ptr<Detector>> Detector::Open(const DetectorConfig& config) {
  std::vector<std::string> outputs = config.scores;
  outputs.insert(outputs.end(), config.boxes.begin(), config.boxes.end());
  INLIER_ASSIGN_OR_RETURN(auto network,
                          OnnxModel::Open(config.onnx, outputs, ShapeOf(config.input)));
  const std::size_t levels = config.strides_px.size();
  for (std::size_t i = 0; i < levels; ++i) {
    const std::int64_t cells =
        static_cast<std::int64_t>(config.input.width_px / config.strides_px[i]) *
        (config.input.height_px / config.strides_px[i]);
    const auto fits = [&](const std::vector<std::int64_t>& shape, std::int64_t columns) {
      return shape.size() >= 2 && shape[shape.size() - 2] == cells && shape.back() >= 1 &&
             (columns == 0 || shape.back() == columns) &&
             std::all_of(shape.begin(), shape.end() - 2, [](std::int64_t n) { return n == 1; });
    };
    const auto wrong = [&](const std::string& name, const std::string& wanted) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: output '{}' is not {} rows (stride {}) of {}",
                              config.onnx.string(), name, cells, config.strides_px[i], wanted));
    };
    if (!fits(network->output_shapes()[i], 0)) return wrong(config.scores[i], "scores");
    if (!fits(network->output_shapes()[levels + i], std::int64_t{4} * config.bins))
      return wrong(config.boxes[i], fmt::format("4 × {} bins", config.bins));
  }
  return std::unique_ptr<Detector>(new Detector(config, std::move(network)));
}

std::vector<Detection> Detector::Detect(const Image& image) const {
  const NetworkImage input = MakeNetworkImage(image, WholeImage(image), config_.input);
  const std::vector<Tensor> outputs = network_->Run(input.values);
  const std::size_t levels = config_.strides_px.size();
  std::vector<Detection> found;
  for (std::size_t i = 0; i < levels; ++i) {
    DecodeLevel(config_, config_.strides_px[i], outputs[i], outputs[levels + i], input,
                WholeImage(image), found);
  }
  return KeepBest(std::move(found), config_);
}

}  // namespace inlier
