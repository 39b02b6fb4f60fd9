#pragma once

#include <cstdint>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "deep/model_config.h"

namespace inlier {

/// A region of an image as a network takes it, and the way back.
struct NetworkImage {
  std::vector<float> values;  // of ShapeOf(config)
  /// photo = scale × network + offset, for points in the manner of Box: network pixels, edges at
  /// whole numbers.
  float scale_x = 1, scale_y = 1;
  float offset_x_px = 0, offset_y_px = 0;
};

std::vector<std::int64_t> ShapeOf(const NetworkInput& config);

/// The whole image as a region.
Box WholeImage(const Image& image);

/// Cuts `region` (as far as it lies within the image) out of a colour or grey image and resizes it:
/// area averaging down, linear up.
NetworkImage MakeNetworkImage(const Image& image, const Box& region, const NetworkInput& config);

}  // namespace inlier
