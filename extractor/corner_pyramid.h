#pragma once

#include <cstdint>
#include <vector>

#include "core/image.h"
#include "extractor/byte_plane.h"

namespace inlier {

/// An image and its reductions, all of one stride.
struct Pyramid {
  std::vector<BytePlane> levels;

  /// Pixels of the image to one of the level, across and down: whole sides differ a little.
  float ScaleX(int level) const;
  float ScaleY(int level) const;
};

/// Each level is smaller by `factor`; none is smaller than `min_side_px`, an image that is gives
/// none. The memory of `used`, a pyramid that is no longer needed, is used again.
Pyramid BuildPyramid(const Image& grey, int max_levels, double factor, int min_side_px,
                     Pyramid used = {});

struct CornerOptions {
  int max_corners = 1000;  // of all levels
  int threshold = 8;       // of FAST, in grey levels
  int border_px = 24;      // of each level, kept free; at least kCentroidRadius_px
  bool oriented = true;    // otherwise all turns are 0
};

/// A corner of one level, in its pixels.
struct OrientedCorner {
  int level = 0;
  int x = 0, y = 0;
  std::uint8_t turn = 0;  // orientation in 1/256 turns
  float response = 0;     // FAST's score
};

/// The strongest FAST corners of all levels, equals by Harris, oriented by their intensity
/// centroid; in order of level, row and column. Levels share the budget by their side; what one
/// leaves free the next finer ones get. Rublee et al., ICCV 2011, §3.
std::vector<OrientedCorner> FindOrientedCorners(const Pyramid& pyramid,
                                                const CornerOptions& options);

}  // namespace inlier
