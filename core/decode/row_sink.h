#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "core/result.h"

namespace inlier {

/// What the samples of one pixel are, in their order. Alpha is not premultiplied. In CMYK, 0 means
/// no ink, whatever the file says.
enum class Samples : std::uint8_t { kGrey, kGreyAlpha, kRgb, kRgba, kCmyk };

constexpr int ChannelsOf(Samples samples) {
  constexpr int kChannels[] = {1, 2, 3, 4, 4};
  return kChannels[static_cast<std::size_t>(samples)];
}

/// Coding-independent code points (ITU-T H.273): primaries and transfer as PNG's cICP chunk and
/// HEIF's nclx box give them. Matrix coefficients have been applied by the decoder.
struct Cicp {
  int primaries = 2;  // 2 means unspecified
  int transfer = 2;
};

/// PNG's gAMA and cHRM: the exponent of the encoding (0.45455 for sRGB) and CIE x, y.
struct GammaAndChromaticities {
  double gamma = 0;
  double white_xy[2] = {0.3127, 0.3290};
  double red_xy[2] = {0.64, 0.33}, green_xy[2] = {0.30, 0.60}, blue_xy[2] = {0.15, 0.06};
};

/// What a file says about its colours. Where it says several things, the first of these counts; a
/// file that says nothing is sRGB, or CMYK of an unknown press.
struct ColourSource {
  std::optional<Cicp> cicp;
  std::span<const std::uint8_t> icc;  // an embedded profile, unchecked; empty without one
  bool srgb = false;                  // PNG's sRGB chunk, or EXIF's ColorSpace 1
  std::optional<GammaAndChromaticities> gamma;
};

/// The rows that a decoder is about to hand over.
struct RowLayout {
  int width_px = 0;  // of the rows, which a decoder may have reduced
  int height_px = 0;
  Samples samples = Samples::kRgb;
  int bits = 8;  // of a sample: 8, or 16 in the byte order of the machine
  ColourSource colour;

  std::size_t row_bytes() const {
    return static_cast<std::size_t>(width_px) *
           static_cast<std::size_t>(ChannelsOf(samples) * bits / 8);
  }
};

/// Rows from `begin` to before `end`.
struct RowRange {
  int begin = 0;
  int end = 0;
};

/// Takes the rows of a picture as a decoder makes them, from the top. What needs all of a picture
/// at once, such as an animation's first frame on its canvas, is put together by the decoder first.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Once, before the first row. On an error the decoder stops and returns it. What `layout` points
  /// to need not outlive the call.
  virtual Status Begin(const RowLayout& layout) = 0;
  /// The rows that are needed, once Begin has been called. A decoder that can leave out rows
  /// cheaply calls Skip for those before them, and stops after them.
  virtual RowRange Needed() const { return {.begin = 0, .end = std::numeric_limits<int>::max()}; }
  virtual void Skip(int) {}
  /// `layout.row_bytes()` bytes, aligned for samples of their size.
  virtual void Row(const std::uint8_t* samples) = 0;
};

}  // namespace inlier
