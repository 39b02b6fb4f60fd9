#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "inlier/answer.h"
#include "inlier/error.h"
#include "inlier/export.h"
#include "inlier/image.h"
#include "inlier/options.h"

namespace inlier {

/// A small part of an item's picture that has texture, in its pixels, and whether the photo looks
/// alike there.
struct ComparedBlock {
  float left_px = 0, top_px = 0, right_px = 0, bottom_px = 0;
  bool alike = false;
};

/// How a photo and one picture compare, for people who want to see why.
struct Comparison {
  /// The result of MatchImages: empty when no geometry holds. It has `matches`.
  std::optional<Hit> hit;
  std::vector<MatchedPoint> others;   // the matches that do not agree with the geometry
  std::vector<ComparedBlock> blocks;  // none without a geometry; they do not overlap
  // The full sizes of the two pictures, in whose pixels all of this is.
  int photo_width_px = 0, photo_height_px = 0;
  int item_width_px = 0, item_height_px = 0;
};

/// A local feature of a picture, in its pixels.
struct FeaturePoint {
  Point point;
  float size_px = 0;    // the diameter of what it describes
  float angle_rad = 0;  // its orientation, clockwise with y down
};

/// Compares two images directly, without a database, in all detail. Errors: as MatchImages.
INLIER_EXPORT Result<Comparison> CompareImages(const Image& photo, const Image& item,
                                               const EngineOptions& options = {});

}  // namespace inlier
