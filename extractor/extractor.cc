#include "extractor/extractor.h"

#include <algorithm>
#include <utility>

namespace inlier {
namespace {

// Resizing keeps the outer edges of the border pixels in place, not their centres.
float Rescaled(float x_px, float scale) { return (x_px + 0.5f) * scale - 0.5f; }

// Turns the features of an image into those of the full picture that it was decoded from.
Features InFull(const Image& image, Features features) {
  const int width_px = FullWidth_px(image), height_px = FullHeight_px(image);
  features.image_width_px = static_cast<std::uint32_t>(width_px);
  features.image_height_px = static_cast<std::uint32_t>(height_px);
  for (Features& global : features.globals) global = InFull(image, std::move(global));
  if (width_px == image.width_px && height_px == image.height_px) return features;
  const float x_scale = static_cast<float>(width_px) / static_cast<float>(image.width_px),
              y_scale = static_cast<float>(height_px) / static_cast<float>(image.height_px);
  for (Keypoint& keypoint : features.keypoints) {
    keypoint.point.x_px = Rescaled(keypoint.point.x_px, x_scale);
    keypoint.point.y_px = Rescaled(keypoint.point.y_px, y_scale);
    keypoint.size_px *= std::max(x_scale, y_scale);
  }
  for (Box& region : features.regions) {
    region = {.left_px = Rescaled(region.left_px, x_scale),
              .top_px = Rescaled(region.top_px, y_scale),
              .right_px = Rescaled(region.right_px, x_scale),
              .bottom_px = Rescaled(region.bottom_px, y_scale)};
  }
  return features;
}

}  // namespace

Features Extractor::Extract(const Image& image) const {
  return InFull(image, ExtractColour(image));
}

Features Extractor::ExtractItem(const Image& image) const {
  return InFull(image, ExtractItemColour(image));
}

Features Extractor::ExtractColour(const Image& image) const {
  const int side = std::max(image.width_px, image.height_px);
  const int working_side = std::clamp(side, options_.min_side_px, options_.max_side_px);
  // A grey image that has the working size already is not copied.
  const Image* working = &image;
  Image grey, resized;
  if (image.channels != 1) working = &(grey = ToGrey(image));
  if (side != working_side) working = &(resized = ResizeLongSide(*working, working_side));
  Features features = ExtractGrey(*working);
  if (side != working_side) {
    const float scale = static_cast<float>(side) / static_cast<float>(working_side);
    for (Keypoint& keypoint : features.keypoints) {
      keypoint.point.x_px = Rescaled(keypoint.point.x_px, scale);
      keypoint.point.y_px = Rescaled(keypoint.point.y_px, scale);
      keypoint.size_px *= scale;
    }
  }
  return features;
}

}  // namespace inlier
