#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace inlier {

/// One float image, its pixels not initialised. Rows are padded with zeros to whole vectors, and a
/// vector more, so that kernels may run past the last column.
struct Plane {
  int width = 0;
  int height = 0;
  std::size_t stride = 0;
  std::unique_ptr<float[]> data;

  Plane() = default;
  Plane(int width_px, int height_px);
  float* row(int y) { return data.get() + static_cast<std::size_t>(y) * stride; }
  const float* row(int y) const { return data.get() + static_cast<std::size_t>(y) * stride; }
};

/// Gaussian levels of one octave and their differences. Lowe, IJCV 2004, §3.
struct Octave {
  std::vector<Plane> gauss;  // scales + 3
  std::vector<Plane> dog;    // scales + 2; dog[i] = gauss[i + 1] − gauss[i]
};

constexpr int kScalesPerOctave = 3;
constexpr float kBaseSigma_px = 1.6f;

/// `base` has the blur kBaseSigma_px.
Octave BuildOctave(Plane base);

/// Blurs by `sigma_px`, borders mirrored. If `difference` is given it receives result − source.
Plane Blur(const Plane& source, float sigma_px, Plane* difference = nullptr);

/// Every second pixel of every second row.
Plane Halve(const Plane& source);

/// A pixel of a difference that is larger or smaller than its 26 neighbours.
struct Extremum {
  int x = 0, y = 0, level = 0;
};

/// Extrema of |value| > `threshold`, at least `border` pixels inside, by level, row and column.
std::vector<Extremum> FindExtrema(const Octave& octave, float threshold, int border);

}  // namespace inlier
