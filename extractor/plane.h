#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/image.h"

namespace inlier {

/// One image in 16-bit fixed point: grey levels times kFixedPoint. Rows are long enough for kernels
/// to run a vector past the last column; what lies there means nothing.
struct Plane {
  static constexpr float kFixedPoint = 256;

  int width = 0;
  int height = 0;
  std::size_t stride = 0;
  std::vector<std::uint16_t> data;

  /// Keeps the memory it has when that is enough. Pixels are not initialised.
  void Resize(int width_px, int height_px);
  std::uint16_t* row(int y) { return data.data() + static_cast<std::size_t>(y) * stride; }
  const std::uint16_t* row(int y) const {
    return data.data() + static_cast<std::size_t>(y) * stride;
  }
};

/// A grey image as it is.
void FromGrey(const Image& grey, Plane& out);

/// Twice the size, bilinear; pixel x of the image lies at 2x + 0.5 of the result.
void FromGreyDoubled(const Image& grey, Plane& out);

/// Every second pixel of every second row.
void Halve(const Plane& source, Plane& out);

}  // namespace inlier
