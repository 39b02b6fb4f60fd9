#pragma once

#include <memory>
#include <vector>

#include "core/image.h"
#include "matcher/matcher.h"

namespace inlier {

/// How alike an item and the part of the photo where it should be look. Geometry alone cannot tell
/// two products of one brand apart: the logo fits both.
struct Appearance {
  double correlation = 0;   // of grey blocks, weighted by their contrast, [-1, 1]
  double agreement = 0;     // share of the textured blocks that correlate well, [0, 1]
  double colour = 0;        // correlation of chromaticity, [-1, 1]
  double colour_shift = 0;  // difference of mean chromaticity, ≥ 0
  double colour_error = 0;  // mean difference of chromaticity behind the shift, ≥ 0
  double visible = 0;       // share of the item that lies inside the photo, [0, 1]
};

/// A photo prepared for comparisons: its colours at several sizes. Safe to call from many threads.
class PhotoAppearance {
 public:
  /// `photo` must outlive this object.
  explicit PhotoAppearance(const Image& photo);
  ~PhotoAppearance();

  /// Warps the photo into the frame of `preview`, a small picture of the whole item
  /// (`item_width_px` × `item_height_px` in the homography's pixels), and compares.
  Appearance Compare(const Image& preview, double item_width_px, double item_height_px,
                     const Homography& photo_from_item) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier
