#include "render/linear_image.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace inlier {
namespace {

// Fine enough for the steep part of the curve, where one step is a fifth of a grey level.
constexpr int kSteps = 1 << 14;

std::array<float, 256> LinearOfByte() {
  std::array<float, 256> table;
  for (int i = 0; i < 256; ++i) {
    const double s = i / 255.0;
    table[i] = static_cast<float>(s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4));
  }
  return table;
}

std::vector<std::uint8_t> ByteOfLinear() {
  std::vector<std::uint8_t> table(kSteps + 1);
  for (int i = 0; i <= kSteps; ++i) {
    const double l = static_cast<double>(i) / kSteps;
    const double s = l <= 0.0031308 ? 12.92 * l : 1.055 * std::pow(l, 1 / 2.4) - 0.055;
    table[i] = static_cast<std::uint8_t>(std::lround(255 * s));
  }
  return table;
}

}  // namespace

LinearImage ToLinear(const Image& image) {
  static const std::array<float, 256> table = LinearOfByte();
  LinearImage out{.width_px = image.width_px, .height_px = image.height_px};
  const std::size_t pixels = static_cast<std::size_t>(image.width_px) * image.height_px;
  out.bgr.resize(pixels * 3);
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      out.bgr[3 * i + c] = table[image.channels == 3 ? image.pixels[3 * i + c] : image.pixels[i]];
    }
  }
  return out;
}

Image ToSrgb(const LinearImage& image) {
  static const std::vector<std::uint8_t> table = ByteOfLinear();
  Image out{.width_px = image.width_px, .height_px = image.height_px, .channels = 3};
  out.pixels.resize(image.bgr.size());
  for (std::size_t i = 0; i < image.bgr.size(); ++i) {
    out.pixels[i] =
        table[static_cast<std::size_t>(std::clamp(image.bgr[i], 0.0f, 1.0f) * kSteps + 0.5f)];
  }
  return out;
}

LinearImage Resize(const LinearImage& image, int width_px, int height_px) {
  LinearImage out{.width_px = width_px, .height_px = height_px};
  out.bgr.resize(static_cast<std::size_t>(width_px) * height_px * 3);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): it is only read
  auto* const pixels = const_cast<float*>(image.bgr.data());
  const cv::Mat from(image.height_px, image.width_px, CV_32FC3, pixels);
  cv::Mat to(height_px, width_px, CV_32FC3, out.bgr.data());
  const bool down = static_cast<double>(width_px) * height_px <
                    static_cast<double>(image.width_px) * image.height_px;
  cv::resize(from, to, to.size(), 0, 0, down ? cv::INTER_AREA : cv::INTER_CUBIC);
  if (!down) {
    for (float& value : out.bgr) value = std::clamp(value, 0.0f, 1.0f);
  }
  return out;
}

}  // namespace inlier
