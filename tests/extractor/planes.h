#pragma once

#include <algorithm>

#include "core/image.h"
#include "extractor/byte_plane.h"

namespace inlier::test {

/// The grey levels of an image.
inline BytePlane PlaneOf(const Image& image) {
  const Image grey = ToGrey(image);
  BytePlane plane(grey.width_px, grey.height_px);
  for (int y = 0; y < plane.height; ++y) {
    std::copy_n(
        grey.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(plane.width),
        plane.width, plane.row(y));
  }
  return plane;
}

}  // namespace inlier::test
