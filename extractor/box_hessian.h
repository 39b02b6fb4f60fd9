#pragma once

#include <array>
#include <vector>

#include "extractor/integral_image.h"

namespace inlier {

/// Filters of one octave, each `size_px` wide, looked at on every `step_px`-th pixel. Bay et al.,
/// CVIU 2008, §3.3: the filter of 9 px stands for a Gaussian of sigma 1.2 px, the others in
/// proportion.
struct BoxOctave {
  int step_px = 1;
  std::array<int, 4> sizes_px = {};
};

constexpr float kSigmaOfSize = 1.2f / 9;

/// A bright or dark spot: a maximum of the determinant in place and scale.
struct Blob {
  float x_px = 0;
  float y_px = 0;
  float sigma_px = 0;
  float response = 0;   // determinant, of full scale squared
  bool bright = false;  // brighter than its surroundings: the Laplacian's sign, §4.3
};

/// Determinants of the Hessian at the pixels 0, step, 2 step, … of row `y`: size ⌈width / step⌉.
/// Zero where the filter leaves the image.
std::vector<float> HessianRow(const IntegralImage& image, int size_px, int step_px, int y);

/// Maxima above `threshold` over their 26 neighbours in the two middle layers of an octave, moved
/// to the peak of a quadratic through them. A place is looked at where the filters of all three
/// layers fit around it and its neighbours. By row, layer and column.
std::vector<Blob> FindBlobs(const IntegralImage& image, const BoxOctave& octave, float threshold);

}  // namespace inlier
