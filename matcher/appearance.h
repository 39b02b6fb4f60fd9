#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/image.h"
#include "matcher/outline.h"

namespace inlier {

/// One of the blocks with texture that agreement is made of.
struct BlockOfItem {
  /// In pixels of the item. Blocks overlap by half, and their middles do not.
  Box middle;
  bool alike = false;  // it correlates well
};

/// How alike an item and the part of a photo where it should be look. Geometry alone cannot
/// distinguish two products of one brand, because the logo fits both (docs/adr/0004-appearance.md).
/// Where the item's picture or the photo is grey, colours say nothing: the measures of colour are
/// then those of a usual correct hit.
struct Appearance {
  double agreement = 0;  // share of the textured blocks, by contrast, that correlate well, [0, 1]
  double colour = 0;     // correlation of chromaticity, [-1, 1]
  double colour_shift = 0;    // distance between the mean chromaticities, ≥ 0
  double colour_error = 0;    // mean distance of chromaticities once that shift is removed, ≥ 0
  double colour_differs = 0;  // share of the part that agrees that has other colours, [0, 1]
  double sharpness = 1;       // of the photo where the item is, see matcher/sharpness.h
  /// The largest connected part of the item whose colours differ, in its pixels; empty: there is
  /// none.
  std::optional<Box> difference;
  double visible = 0;  // share of the item that lies inside the photo, [0, 1]
  std::vector<BlockOfItem> blocks;
};

/// A photo that items are compared with, at several sizes. Safe to call from many threads.
class PhotoAppearance {
 public:
  /// `photo` must outlive this object.
  explicit PhotoAppearance(const Image& photo);
  ~PhotoAppearance();

  /// Warps the photo into the frame of `preview`, a small picture of the whole item, and
  /// correlates the two. The item has `item_width_px` × `item_height_px` in the pixels that the
  /// homography takes. All measures are 0 when the preview is empty.
  Appearance CorrelateWith(const Image& preview, double item_width_px, double item_height_px,
                           const Homography& photo_from_item) const;

  /// The photo in grey, warped into the frame of a picture of the item in the same way. Outside the
  /// photo its border is repeated.
  Image Warp(const Image& picture, double item_width_px, double item_height_px,
             const Homography& photo_from_item) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inlier
