#pragma once

#include <cstdint>
#include <vector>

#include "core/decode/tiff_file.h"

namespace inlier {

/// Where the samples of a page lie in its file.
struct TiffShape {
  std::uint32_t width_px = 0;
  std::uint32_t height_px = 0;
  std::uint16_t bits = 1;
  std::uint16_t samples = 1;  // of a pixel, those that nobody looks at included
  bool planes_apart = false;
  bool tiled = false;

  std::size_t pixel_bytes() const { return std::size_t{samples} * bits / 8; }
  std::size_t row_bytes() const { return width_px * pixel_bytes(); }
};

/// Reads the rows of a page with samples of 8 or 16 bits from the top, and puts the samples of a
/// pixel side by side. It holds one row, or a band of tiles.
class TiffRows {
 public:
  TiffRows(TiffFile& file, const TiffShape& shape);
  /// What it will allocate.
  std::int64_t memory_bytes() const;
  /// The next row, or null when the file does not have it.
  const std::uint8_t* Next();
  std::uint32_t rows_read() const { return next_row_; }

 private:
  bool ReadBand();
  bool ReadCell(std::uint32_t x_px, std::uint16_t plane, std::uint32_t rows);

  TiffFile& file_;
  TiffShape shape_;
  bool in_bands_;
  // A cell is a tile, or a strip of one plane.
  std::uint32_t cell_width_px_ = 0;
  std::uint32_t cell_height_px_ = 0;
  std::vector<std::uint8_t> cell_;
  std::vector<std::uint8_t> rows_;
  std::uint32_t next_row_ = 0;
};

}  // namespace inlier
