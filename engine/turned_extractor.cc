#include "engine/turned_extractor.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace inlier {
namespace {

// The image turned clockwise by a quarter, without the size of the full picture.
Image Turned(const Image& image) {
  Image turned{
      .width_px = image.height_px, .height_px = image.width_px, .channels = image.channels};
  turned.pixels.resize(image.pixels.size());
  const auto channels = static_cast<std::size_t>(image.channels),
             width = static_cast<std::size_t>(image.width_px),
             height = static_cast<std::size_t>(image.height_px);
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* from = &image.pixels[y * width * channels];
    std::uint8_t* to = &turned.pixels[(height - 1 - y) * channels];
    for (std::size_t x = 0; x < width; ++x, from += channels, to += height * channels)
      std::copy_n(from, channels, to);
  }
  return turned;
}

}  // namespace

Features TurnedExtractor::ExtractColour(const Image& image) const {
  constexpr float kQuarter_rad = std::numbers::pi_v<float> / 2, kTurn_rad = 4 * kQuarter_rad;
  Image turned = image;
  turned.full_width_px = turned.full_height_px = 0;  // Extract() puts it back
  for (int i = 0; i < quarters_; ++i) turned = Turned(turned);
  Features features = other_.Extract(turned);
  auto right = static_cast<float>(turned.width_px - 1),
       bottom = static_cast<float>(turned.height_px - 1);
  for (int i = 0; i < quarters_; ++i) {
    for (Keypoint& keypoint : features.keypoints) {
      keypoint.point = {keypoint.point.y_px, right - keypoint.point.x_px};
      keypoint.angle_rad = std::fmod(keypoint.angle_rad + 3 * kQuarter_rad, kTurn_rad);
    }
    std::swap(right, bottom);
  }
  features.image_width_px = static_cast<std::uint32_t>(image.width_px);
  features.image_height_px = static_cast<std::uint32_t>(image.height_px);
  return features;
}

}  // namespace inlier
