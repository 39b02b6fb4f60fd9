#pragma once

#include <optional>

#include "core/image.h"
#include "matcher/outline.h"

namespace inlier {

/// One of two pictures that may show the same face: a small picture of the whole, and the size of
/// the full picture, in whose pixels the homography between the two is.
struct FacePicture {
  const Image& picture;
  double width_px = 0;
  double height_px = 0;
};

/// How much two pictures differ once one of them lies on the other, at the place where they differ
/// most: one other word on a label is a difference, however much of the rest agrees.
struct FaceDifference {
  /// Of the details in a window of 7 px: the energy of the difference, divided by that of the
  /// details themselves. 0 for equal pictures, about 1 for details that have nothing in common.
  double detail = 0;
  /// Of the mean colours of a window of 13 px, in grey levels.
  double colour = 0;
};

/// Compares two pictures where both are seen, at most 256 px large. Light and white balance that
/// are the same everywhere do not count as a difference, nor does a shift of 2 px or less. Swapping
/// the two gives the same result. Empty when they cannot be compared: one of them is missing, or
/// both are seen in less than 128 px, which is too little to read a word.
std::optional<FaceDifference> CompareFaces(const FacePicture& a, const FacePicture& b,
                                           const Homography& a_from_b);

/// 1 for no difference, and 0.5 for the largest difference that re-encoding, resizing or another
/// exposure of one picture makes. Faces below 0.5 can be told apart.
double LikenessOf(const FaceDifference& difference);

}  // namespace inlier
