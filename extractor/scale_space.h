#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "extractor/plane.h"

namespace inlier {

constexpr int kScalesPerOctave = 3;
constexpr float kBaseSigma_px = 1.6f;

/// The Gaussian levels of one octave: Lowe, IJCV 2004, §3. Level i is blurred by a sigma of
/// kBaseSigma_px · 2^(i/3).
struct Octave {
  std::array<Plane, kScalesPerOctave + 3> gauss;

  int width() const { return gauss[0].width; }
  int height() const { return gauss[0].height; }
  /// The difference of Gaussians D(x, y) (Lowe, equation 1) between the levels i and i + 1, times
  /// Plane::kFixedPoint. The differences are not stored: two loads cost less than the memory would.
  int Difference(int level, int x, int y) const {
    const auto i = static_cast<std::size_t>(level);
    return gauss[i + 1].row(y)[x] - gauss[i].row(y)[x];
  }
};

/// Blurs a plane by a Gaussian of `sigma_px`, which is at most 3.3. Borders are mirrored. The
/// result is exact to about a hundredth of a grey level.
void Blur(const Plane& source, float sigma_px, Plane& out);

/// Makes the levels that a keypoint may lie nearest to, 1 to kScalesPerOctave, from gauss[0], which
/// is blurred by kBaseSigma_px already.
void MakeLevels(Octave& octave);

/// A place where a difference is larger, or smaller, than at its 26 neighbours. Of equal neighbours
/// the first one counts, in the order of level, row and column.
struct Extremum {
  int x = 0, y = 0, level = 0;
};

/// Makes all levels in the same way, and finds the extrema
/// with |D| > `threshold`, in grey levels, that are at least `border` pixels from the edge. They
/// are in the order of row and level.
std::vector<Extremum> ScanOctave(Octave& octave, float threshold, int border);

}  // namespace inlier
