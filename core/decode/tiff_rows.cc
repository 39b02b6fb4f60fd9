#include "core/decode/tiff_rows.h"

#include <algorithm>
#include <cstring>

namespace inlier {

TiffRows::TiffRows(TiffFile& file, const TiffShape& shape)
    : file_(file), shape_(shape), in_bands_(shape.tiled || shape.planes_apart) {
  if (shape_.tiled) {
    cell_width_px_ = file_.Field<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
    cell_height_px_ = file_.Field<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
  } else {
    cell_width_px_ = shape_.width_px;
    cell_height_px_ =
        std::min(file_.Field<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, 0xFFFFFFFF), shape_.height_px);
  }
}

std::int64_t TiffRows::memory_bytes() const {
  if (!in_bands_) return static_cast<std::int64_t>(Tiff().ScanlineSize64(file_.handle()));
  const double cell = shape_.tiled ? static_cast<double>(Tiff().TileSize64(file_.handle()))
                                   : static_cast<double>(Tiff().StripSize64(file_.handle()));
  const double rows =
      static_cast<double>(shape_.row_bytes()) * std::min(cell_height_px_, shape_.height_px);
  constexpr double kMost = 1e18;
  return static_cast<std::int64_t>(std::min(cell + rows, kMost));
}

const std::uint8_t* TiffRows::Next() {
  if (next_row_ >= shape_.height_px || cell_width_px_ == 0 || cell_height_px_ == 0) return nullptr;
  if (in_bands_) {
    const std::uint32_t row = next_row_ % cell_height_px_;
    if (row == 0 && !ReadBand()) return nullptr;
    ++next_row_;
    return rows_.data() + row * shape_.row_bytes();
  }
  if (rows_.empty()) {
    const auto size = static_cast<std::size_t>(Tiff().ScanlineSize64(file_.handle()));
    if (size < shape_.row_bytes()) return nullptr;
    rows_.resize(size);
  }
  if (Tiff().ReadScanline(file_.handle(), rows_.data(), next_row_, 0) != 1) return nullptr;
  ++next_row_;
  return rows_.data();
}

bool TiffRows::ReadBand() {
  const std::uint32_t rows = std::min(cell_height_px_, shape_.height_px - next_row_);
  rows_.resize(rows * shape_.row_bytes());
  cell_.resize(static_cast<std::size_t>(shape_.tiled ? Tiff().TileSize64(file_.handle())
                                                     : Tiff().StripSize64(file_.handle())));
  const int planes = shape_.planes_apart ? shape_.samples : 1;
  for (int plane = 0; plane < planes; ++plane) {
    for (std::uint32_t x = 0; x < shape_.width_px; x += cell_width_px_) {
      if (!ReadCell(x, static_cast<std::uint16_t>(plane), rows)) return false;
      if (shape_.width_px - x <= cell_width_px_) break;  // the sum may pass 32 bits
    }
  }
  return true;
}

bool TiffRows::ReadCell(std::uint32_t x_px, std::uint16_t plane, std::uint32_t rows) {
  TIFF* const tiff = file_.handle();
  const std::size_t sample_bytes = shape_.bits / 8;
  const std::size_t from_bytes = shape_.planes_apart ? sample_bytes : shape_.pixel_bytes();
  const std::size_t cell_row_bytes = cell_width_px_ * from_bytes;
  const auto room = static_cast<tmsize_t>(cell_.size());
  const tmsize_t got =
      shape_.tiled
          ? Tiff().ReadEncodedTile(tiff, Tiff().ComputeTile(tiff, x_px, next_row_, 0, plane),
                                   cell_.data(), room)
          : Tiff().ReadEncodedStrip(tiff, Tiff().ComputeStrip(tiff, next_row_, plane), cell_.data(),
                                    room);
  if (got < 0 || static_cast<std::size_t>(got) < rows * cell_row_bytes) return false;
  const std::size_t width_px = std::min(cell_width_px_, shape_.width_px - x_px);
  for (std::size_t y = 0; y < rows; ++y) {
    const std::uint8_t* from = cell_.data() + y * cell_row_bytes;
    std::uint8_t* to = rows_.data() + y * shape_.row_bytes() + x_px * shape_.pixel_bytes();
    if (!shape_.planes_apart) {
      std::memcpy(to, from, width_px * from_bytes);
      continue;
    }
    to += plane * sample_bytes;
    for (std::size_t x = 0; x < width_px; ++x) {
      std::memcpy(to + x * shape_.pixel_bytes(), from + x * sample_bytes, sample_bytes);
    }
  }
  return true;
}

}  // namespace inlier
