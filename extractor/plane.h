#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/image.h"

namespace inlier {

/// A grey image in fixed point of 16 bits: grey levels times kFixedPoint. Rows are padded, so that
/// kernels may run a vector past the last column; the padding has no meaning.
struct Plane {
  static constexpr float kFixedPoint = 256;

  int width = 0;
  int height = 0;
  std::size_t stride = 0;
  std::vector<std::uint16_t> data;

  /// Changes the size. The memory is kept when it is large enough, and pixels are not initialised.
  void Resize(int width_px, int height_px);
  std::uint16_t* row(int y) { return data.data() + static_cast<std::size_t>(y) * stride; }
  const std::uint16_t* row(int y) const {
    return data.data() + static_cast<std::size_t>(y) * stride;
  }
};

/// Converts a grey image without changing its size.
void FromGrey(const Image& grey, Plane& out);

/// Converts a grey image and doubles its size by bilinear interpolation. Pixel x of the image lies
/// at 2x + 0.5 in the result.
void FromGreyDoubled(const Image& grey, Plane& out);

/// Keeps every second pixel of every second row.
void Halve(const Plane& source, Plane& out);

}  // namespace inlier
