#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace inlier {

/// A grey image of bytes. Kernels may read kPlanePad_px bytes past the last column, but must not
/// use them.
struct BytePlane {
  int width = 0;
  int height = 0;
  std::size_t stride = 0;
  std::unique_ptr<std::uint8_t[]> data;
  std::size_t capacity_bytes = 0;

  BytePlane() = default;
  BytePlane(int width_px, int height_px) { Resize(width_px, height_px, StrideFor(width_px)); }
  /// Changes the size. The memory is kept when it is large enough, and pixels are not initialised.
  /// `stride_px` is at least StrideFor(width_px).
  void Resize(int width_px, int height_px, std::size_t stride_px);

  // A constant plane's rows cannot be written.
  // NOLINTNEXTLINE(readability-make-member-function-const)
  std::uint8_t* row(int y) { return data.get() + static_cast<std::size_t>(y) * stride; }
  const std::uint8_t* row(int y) const { return data.get() + static_cast<std::size_t>(y) * stride; }

  static std::size_t StrideFor(int width_px);
};

constexpr std::size_t kPlanePad_px = 96;  // the widest vector and the reach of a kernel

/// The taps of a symmetric kernel, in 1/256: the centre one, then those of one side. Those of both
/// sides and the centre sum to 256.
using SmoothingTaps = std::span<const std::uint16_t>;

/// Smooths a plane vertically, then horizontally, and rounds to whole grey levels each time.
/// Borders are mirrored. The result has the stride of the source.
void Smooth(const BytePlane& source, SmoothingTaps taps, BytePlane& out);

}  // namespace inlier
