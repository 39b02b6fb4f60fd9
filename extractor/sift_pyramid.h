#pragma once

#include <cstddef>
#include <vector>

#include "core/image.h"
#include "extractor/plane.h"
#include "extractor/scale_space.h"

namespace inlier {

/// An extremum with its place to a fraction of a pixel, in pixels of its octave.
struct Spot {
  int octave = 0;  // −1 for the doubled image
  int level = 0;   // the nearest Gaussian level
  int pixel_x = 0, pixel_y = 0;
  float x = 0, y = 0;
  float sigma_px = 0;   // in pixels of its octave
  float response = 0;   // |D| at the extremum, as a share of full scale
  bool bright = false;  // a minimum of D: brighter than its surroundings
};

/// The scale space of one image after the other, and the search for spots in it. Planes are kept
/// from image to image, since fresh pages of memory cost as much as the blurring.
class SiftPyramid {
 public:
  /// Makes the octaves of a grey image and returns their spots with at least this contrast, of full
  /// scale, in the order of octave, row and level. An image with a side below 12 px has none.
  const std::vector<Spot>& Search(const Image& grey, float contrast_threshold);
  /// The same for the image at twice its size, which costs four times as much as Search.
  const std::vector<Spot>& SearchDoubled(const Image& grey, float contrast_threshold);

  /// Makes the octaves of a grey image without a search, for the spots of another one of its size.
  void Prepare(const Image& grey);

  /// The nearest Gaussian level to a spot of the last searches, or of the other image.
  const Plane& LevelOf(const Spot& spot) const;
  /// Frees the planes when they are larger than those of a usual photo.
  void FreeIfLarge();

 private:
  // The number of octaves of a grey image, of which the first level of the first one is made.
  std::size_t Begin(const Image& grey);
  void Scan(Octave& octave, int number, float contrast_threshold);

  Plane image_;
  Octave doubled_;
  std::vector<Octave> octaves_;
  std::vector<Spot> spots_;  // of the last search
};

/// The strongest spots, strongest first. Several extrema can be refined to the same pixel. Their
/// equal descriptors would rule each other out in the ratio test, so only one of them stays.
std::vector<Spot> Strongest(std::vector<Spot> spots, std::size_t budget);

}  // namespace inlier
