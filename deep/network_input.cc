#include "deep/network_input.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "core/mat.h"

namespace inlier {
namespace {

constexpr double kBars = 114;  // grey, as the YOLO family pads

}  // namespace

std::vector<std::int64_t> ShapeOf(const NetworkInput& config) {
  if (config.nhwc) return {1, config.height_px, config.width_px, 3};
  return {1, 3, config.height_px, config.width_px};
}

Box WholeImage(const Image& image) {
  return {-0.5f, -0.5f, static_cast<float>(image.width_px) - 0.5f,
          static_cast<float>(image.height_px) - 0.5f};
}

NetworkImage MakeNetworkImage(const Image& image, const Box& region, const NetworkInput& config) {
  const cv::Mat whole = AsMat(image);
  const auto edge = [](float at_px, int most) {
    return std::clamp(static_cast<int>(std::lround(at_px + 0.5f)), 0, most);
  };
  const int left = std::min(edge(region.left_px, image.width_px), image.width_px - 1);
  const int top = std::min(edge(region.top_px, image.height_px), image.height_px - 1);
  const int right = std::max(edge(region.right_px, image.width_px), left + 1);
  const int bottom = std::max(edge(region.bottom_px, image.height_px), top + 1);
  const cv::Mat crop = whole(cv::Rect(left, top, right - left, bottom - top));

  cv::Size size(config.width_px, config.height_px);
  if (config.letterbox) {
    const double scale = std::min(static_cast<double>(size.width) / crop.cols,
                                  static_cast<double>(size.height) / crop.rows);
    size = {std::clamp(static_cast<int>(std::lround(crop.cols * scale)), 1, size.width),
            std::clamp(static_cast<int>(std::lround(crop.rows * scale)), 1, size.height)};
  }
  cv::Mat resized;
  const bool smaller = size.width < crop.cols || size.height < crop.rows;
  cv::resize(crop, resized, size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  if (resized.channels() == 1) cv::cvtColor(resized, resized, cv::COLOR_GRAY2BGR);
  cv::Mat placed = resized;
  const int x = (config.width_px - size.width) / 2, y = (config.height_px - size.height) / 2;
  if (size != cv::Size(config.width_px, config.height_px)) {
    placed = cv::Mat(config.height_px, config.width_px, CV_8UC3, cv::Scalar::all(kBars));
    resized.copyTo(placed(cv::Rect({x, y}, size)));
  }

  NetworkImage made;
  made.scale_x = static_cast<float>(crop.cols) / static_cast<float>(size.width);
  made.scale_y = static_cast<float>(crop.rows) / static_cast<float>(size.height);
  made.offset_x_px = static_cast<float>(left) - 0.5f - static_cast<float>(x) * made.scale_x;
  made.offset_y_px = static_cast<float>(top) - 0.5f - static_cast<float>(y) * made.scale_y;
  const std::size_t area = placed.total();
  made.values.resize(area * 3);
  const std::size_t step = config.nhwc ? 3 : 1;
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t from = config.rgb ? 2 - c : c;
    float* out = &made.values[config.nhwc ? c : c * area];
    const std::uint8_t* in = placed.data + from;
    for (std::size_t i = 0; i < area; ++i)
      out[i * step] = (static_cast<float>(in[3 * i]) - config.mean[c]) * config.scale[c];
  }
  return made;
}

}  // namespace inlier
