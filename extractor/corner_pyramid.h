#pragma once

#include <cstdint>
#include <vector>

#include "core/image.h"
#include "extractor/byte_plane.h"

namespace inlier {

/// An image and its reductions, which all have the same stride.
struct Pyramid {
  std::vector<BytePlane> levels;

  /// How many pixels of the image one of the level is wide, and how many it is high. The two differ
  /// a little, since sides are whole numbers.
  float ScaleX(int level) const;
  float ScaleY(int level) const;
};

/// Reduces an image again and again by `factor`, until a side would be less than `min_side_px`. An
/// image that is smaller than that has no levels. The memory of `used`, a pyramid that is no longer
/// needed, is reused.
Pyramid BuildPyramid(const Image& grey, int max_levels, double factor, int min_side_px,
                     Pyramid used = {});

struct CornerOptions {
  int max_corners = 1000;  // of all levels
  int threshold = 8;       // of FAST, in grey levels
  int border_px = 24;      // without corners, on each level; at least kCentroidRadius_px
  bool oriented = true;    // when false, all turns are 0
};

/// A corner of one level, in its pixels.
struct OrientedCorner {
  int level = 0;
  int x = 0, y = 0;
  std::uint8_t turn = 0;  // orientation in 1/256 turns
  float response = 0;     // FAST's score
};

/// Finds the strongest FAST corners of all levels and orients them by their intensity centroid.
/// They are in the order of level, row and column. Levels share the budget in proportion to their
/// side, and what a level leaves over goes to the finer ones. Rublee et al., ICCV 2011, §3.
std::vector<OrientedCorner> FindOrientedCorners(const Pyramid& pyramid,
                                                const CornerOptions& options);

}  // namespace inlier
