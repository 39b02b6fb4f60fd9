#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/decode/formats.h"

namespace inlier {

/// What the headers of a BMP file say, whichever version they have.
struct BmpHeader {
  enum class Packing { kNone, kRle4, kRle8 } packing = Packing::kNone;
  std::int64_t width_px = 0, height_px = 0;
  bool is_top_down = false;
  int bits = 0;                          // of a pixel: 1, 4, 8, 16, 24 or 32
  std::array<std::uint32_t, 4> masks{};  // of red, green, blue, alpha, for 16 and 32 bits
  std::size_t palette_at = 0;
  std::size_t colours = 0;       // in the palette
  std::size_t colour_bytes = 4;  // of each of them: blue, green, red, and maybe a gap
  std::size_t pixels_at = 0;
  bool is_srgb = false;
  Bytes icc;

  std::int64_t stride_bytes() const { return (width_px * bits + 31) / 32 * 4; }
};

/// Errors: kBadImage, also for kinds of BMP that are not read, which it names, and when pixels of
/// an uncompressed picture are missing.
Result<BmpHeader> ReadBmpHeader(Bytes file);

}  // namespace inlier
