#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/image.h"

namespace inlier {

/// One image in 16-bit fixed point: grey levels times kFixedPoint. Rows are long enough for kernels to
/// run a vector past the last column; what lies there means nothing.
struct Plane {
  static constexpr float kFixedPoint = 256;

  int width = 0;
  int height = 0;
  std::size_t stride = 0;
  std::vector<std::uint16_t> data;

  /// Keeps the memory it has when that is enough. Pixels are not initialised.
  void Resize(int width_px, int height_px);
  std::uint16_t* row(int y) { return data.data() + static_cast<std::size_t>(y) * stride; }
  const std::uint16_t* row(int y) const { return data.data() + static_cast<std::size_t>(y) * stride; }
};

constexpr int kScalesPerOctave = 3;
constexpr float kBaseSigma_px = 1.6f;

/// Gaussian levels of one octave: Lowe, IJCV 2004, §3. Level i has the blur kBaseSigma_px · 2^(i/3).
struct Octave {
  std::array<Plane, kScalesPerOctave + 3> gauss;

  int width() const { return gauss[0].width; }
  int height() const { return gauss[0].height; }
  /// D(x, y) between the levels i and i + 1, times Plane::kFixedPoint. No plane of these is kept: two
  /// loads cost less than the memory.
  int Difference(int level, int x, int y) const {
    const auto i = static_cast<std::size_t>(level);
    return gauss[i + 1].row(y)[x] - gauss[i].row(y)[x];
  }
};

/// Blurs by `sigma_px`, at most 3.3, borders mirrored. Exact to about a hundredth of a grey level.
void Blur(const Plane& source, float sigma_px, Plane& out);

/// A grey image as it is.
void FromGrey(const Image& grey, Plane& out);

/// Twice the size, bilinear; pixel x of the image lies at 2x + 0.5 of the result.
void FromGreyDoubled(const Image& grey, Plane& out);

/// Every second pixel of every second row.
void Halve(const Plane& source, Plane& out);

/// A pixel of a difference that is larger or smaller than its 26 neighbours. Of equal neighbours the
/// first counts, in the order of level, row and column.
struct Extremum {
  int x = 0, y = 0, level = 0;
};

/// Makes the levels from gauss[0], which has the blur kBaseSigma_px, and finds the extrema of
/// |D| > `threshold` (in grey levels), at least `border` pixels inside, by row and level.
std::vector<Extremum> ScanOctave(Octave& octave, float threshold, int border);

}  // namespace inlier
