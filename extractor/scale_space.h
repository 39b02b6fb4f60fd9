#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "extractor/plane.h"

namespace inlier {

constexpr int kScalesPerOctave = 3;
constexpr float kBaseSigma_px = 1.6f;

/// Gaussian levels of one octave: Lowe, IJCV 2004, §3. Level i has the blur kBaseSigma_px ·
/// 2^(i/3).
struct Octave {
  std::array<Plane, kScalesPerOctave + 3> gauss;

  int width() const { return gauss[0].width; }
  int height() const { return gauss[0].height; }
  /// D(x, y) between the levels i and i + 1, times Plane::kFixedPoint. No plane of these is kept:
  /// two loads cost less than the memory.
  int Difference(int level, int x, int y) const {
    const auto i = static_cast<std::size_t>(level);
    return gauss[i + 1].row(y)[x] - gauss[i].row(y)[x];
  }
};

/// Blurs by `sigma_px`, at most 3.3, borders mirrored. Exact to about a hundredth of a grey level.
void Blur(const Plane& source, float sigma_px, Plane& out);

/// A pixel of a difference that is larger or smaller than its 26 neighbours. Of equal neighbours
/// the first counts, in the order of level, row and column.
struct Extremum {
  int x = 0, y = 0, level = 0;
};

/// Makes the levels from gauss[0], which has the blur kBaseSigma_px, and finds the extrema of
/// |D| > `threshold` (in grey levels), at least `border` pixels inside, by row and level.
std::vector<Extremum> ScanOctave(Octave& octave, float threshold, int border);

}  // namespace inlier
