#pragma once

#include <array>
#include <vector>

#include "extractor/integral_image.h"

namespace inlier {

/// The filters of one octave, with their sides. Every `step_px`-th pixel of every `step_px`-th row
/// is looked at. Bay et al., CVIU 2008, §3.3: the filter of 9 px stands for a Gaussian of sigma 1.2
/// px, and the others are in proportion.
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

/// The determinants of the Hessian at the pixels 0, step, 2 step, … of row `y`, ⌈width / step⌉ of
/// them. They are zero where the filter does not fit into the image.
std::vector<float> HessianRow(const IntegralImage& image, int size_px, int step_px, int y);

/// Finds the places in the two middle layers of an octave whose determinant is above `threshold`
/// and at least as large as that of their 26 neighbours, and moves each to the peak of the
/// quadratic through these. Only places are looked at where the filters of all three layers fit
/// around them and their neighbours. The blobs are in the order of row, layer and column.
std::vector<Blob> FindBlobs(const IntegralImage& image, const BoxOctave& octave, float threshold);

}  // namespace inlier
