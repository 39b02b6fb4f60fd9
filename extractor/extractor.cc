#include "extractor/extractor.h"

#include <algorithm>

namespace inlier {
namespace {

Features WithSizeOf(const Image& image, Features features) {
  features.image_width_px = static_cast<std::uint32_t>(image.width_px);
  features.image_height_px = static_cast<std::uint32_t>(image.height_px);
  return features;
}

}  // namespace

Features Extractor::Extract(const Image& image) const {
  return WithSizeOf(image, ExtractColour(image));
}

Features Extractor::ExtractItem(const Image& image) const {
  return WithSizeOf(image, ExtractItemColour(image));
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
    // Resizing keeps the outer edges of the border pixels in place, not their centres.
    const float scale = static_cast<float>(side) / static_cast<float>(working_side);
    for (Keypoint& keypoint : features.keypoints) {
      keypoint.point.x_px = (keypoint.point.x_px + 0.5f) * scale - 0.5f;
      keypoint.point.y_px = (keypoint.point.y_px + 0.5f) * scale - 0.5f;
      keypoint.size_px *= scale;
    }
  }
  return features;
}

}  // namespace inlier
