#pragma once

#include <vector>

#include "core/image.h"

namespace inlier {

/// An image in linear light, where 1 is white. Blue, green and red are interleaved, and rows start
/// at the top.
struct LinearImage {
  int width_px = 0;
  int height_px = 0;
  std::vector<float> bgr;  // height × width × 3
};

/// Converts sRGB bytes of 1 or 3 channels to linear light (IEC 61966-2-1).
LinearImage ToLinear(const Image& image);

/// Converts linear light to sRGB bytes, and clips values below black and above white.
Image ToSrgb(const LinearImage& image);

/// Resizes by area averaging when there are fewer pixels after it, and by cubic interpolation
/// otherwise, whose overshoots are clipped.
LinearImage Resize(const LinearImage& image, int width_px, int height_px);

}  // namespace inlier
