// Turns pixels into the numbers that a network was trained on.
//
// Networks differ in what they take: a stretched image, one with grey bars or its centre, blue or
// red first, channels first or last, and in how values are shifted and scaled. The configuration
// says all of this, and this is the only file that acts on it. The region is rounded to whole
// pixels, resized, perhaps framed by bars, and laid out as floats. A detector needs the way back
// from its boxes to the image, through the bars and the rounding; NetworkImage carries it.
#include "deep/network_input.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "core/mat.h"

namespace inlier {
namespace {

constexpr double kBars = 114;  // grey level of the bars, as in the YOLO family of detectors

// The pixels that a region covers, at least one. Box edges lie half a pixel outside centres.
cv::Rect PixelsOf(const Box& region, const Image& image) {
  const auto edge = [](float at_px, int most) {
    return std::clamp(static_cast<int>(std::lround(at_px + 0.5f)), 0, most);
  };
  const int left = std::min(edge(region.left_px, image.width_px), image.width_px - 1);
  const int top = std::min(edge(region.top_px, image.height_px), image.height_px - 1);
  const int right = std::max(edge(region.right_px, image.width_px), left + 1);
  const int bottom = std::max(edge(region.bottom_px, image.height_px), top + 1);
  return {left, top, right - left, bottom - top};
}

// The largest rectangle around the middle of `pixels` that has the ratio of the network's input.
cv::Rect CentreOf(const cv::Rect& pixels, const NetworkInput& config) {
  const double scale = std::min(static_cast<double>(pixels.width) / config.width_px,
                                static_cast<double>(pixels.height) / config.height_px);
  const int width = std::max(static_cast<int>(std::lround(config.width_px * scale)), 1),
            height = std::max(static_cast<int>(std::lround(config.height_px * scale)), 1);
  return {pixels.x + (pixels.width - width) / 2, pixels.y + (pixels.height - height) / 2, width,
          height};
}

// The size that the crop gets within the network's input.
cv::Size FittedSize(const cv::Mat& crop, const NetworkInput& config) {
  const cv::Size size(config.width_px, config.height_px);
  if (config.fit != InputFit::kLetterbox) return size;
  const double scale = std::min(static_cast<double>(size.width) / crop.cols,
                                static_cast<double>(size.height) / crop.rows);
  return {std::clamp(static_cast<int>(std::lround(crop.cols * scale)), 1, size.width),
          std::clamp(static_cast<int>(std::lround(crop.rows * scale)), 1, size.height)};
}

// (value − mean) × scale of every pixel, in the order of channels and axes that the network takes.
std::vector<float> ValuesOf(const cv::Mat& bgr, const NetworkInput& config) {
  const std::size_t area = bgr.total();
  std::vector<float> values(area * 3);
  const std::size_t step = config.nhwc ? 3 : 1;
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t from = config.rgb ? 2 - c : c;
    float* out = &values[config.nhwc ? c : c * area];
    const std::uint8_t* in = bgr.data + from;
    for (std::size_t i = 0; i < area; ++i)
      out[i * step] = (static_cast<float>(in[3 * i]) - config.mean[c]) * config.scale[c];
  }
  return values;
}

}  // namespace

std::vector<std::int64_t> ShapeOf(const NetworkInput& config) {
  if (config.nhwc) return {1, config.height_px, config.width_px, 3};
  return {1, 3, config.height_px, config.width_px};
}

NetworkImage MakeNetworkImage(const Image& image, const Box& region, const NetworkInput& config) {
  cv::Rect pixels = PixelsOf(region, image);
  if (config.fit == InputFit::kCrop) pixels = CentreOf(pixels, config);
  const cv::Mat crop = AsMat(image)(pixels);
  const cv::Size size = FittedSize(crop, config);
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

  NetworkImage made{.values = ValuesOf(placed, config)};
  made.scale_x = static_cast<float>(crop.cols) / static_cast<float>(size.width);
  made.scale_y = static_cast<float>(crop.rows) / static_cast<float>(size.height);
  made.offset_x_px = static_cast<float>(pixels.x) - 0.5f - static_cast<float>(x) * made.scale_x;
  made.offset_y_px = static_cast<float>(pixels.y) - 0.5f - static_cast<float>(y) * made.scale_y;
  return made;
}

}  // namespace inlier
