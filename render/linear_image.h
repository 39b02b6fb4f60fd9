#pragma once

#include <vector>

#include "core/image.h"

namespace inlier {

/// Linear light, 1 is white; blue, green, red interleaved, rows from the top.
struct LinearImage {
  int width_px = 0;
  int height_px = 0;
  std::vector<float> bgr;  // height × width × 3
};

/// sRGB bytes of 1 or 3 channels to linear light (IEC 61966-2-1).
LinearImage ToLinear(const Image& image);

/// Linear light to sRGB bytes; below black and above white are cut.
Image ToSrgb(const LinearImage& image);

/// Area averaging down, cubic up (what it overshoots is cut).
LinearImage Resize(const LinearImage& image, int width_px, int height_px);

}  // namespace inlier
