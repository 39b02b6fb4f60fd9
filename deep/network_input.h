#pragma once

#include <cstdint>
#include <vector>

#include "core/features.h"
#include "core/image.h"
#include "deep/model_config.h"

namespace inlier {

/// A region of an image as a network takes it, and how to get back to the image.
struct NetworkImage {
  std::vector<float> values;  // in the shape that ShapeOf gives
  /// image = scale × network + offset, for the edges of boxes: a network pixel i reaches from i to
  /// i + 1, and the image has its pixel centres at whole numbers, as in Box.
  float scale_x = 1, scale_y = 1;
  float offset_x_px = 0, offset_y_px = 0;
};

/// The shape of a network's input, with one image in the batch: 1 × 3 × H × W or 1 × H × W × 3.
std::vector<std::int64_t> ShapeOf(const NetworkInput& config);

/// Cuts out the part of `region` that lies within a colour or grey image, and resizes it: with area
/// averaging when it gets smaller, linearly when it gets larger.
NetworkImage MakeNetworkImage(const Image& image, const Box& region, const NetworkInput& config);

}  // namespace inlier
