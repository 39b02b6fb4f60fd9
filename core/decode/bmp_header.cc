#include "core/decode/bmp_header.h"

#include <algorithm>
#include <cstdlib>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/missing.h"

namespace inlier {
namespace {

constexpr std::size_t kFileHeader_bytes = 14;
constexpr std::int64_t kOs2_1 = 12, kOs2_2Short = 16, kInfo = 40, kMasks = 52, kMasksAndAlpha = 56,
                       kOs2_2 = 64, kV4 = 108, kV5 = 124;

std::uint32_t Mask(Bytes b, std::size_t at) {
  return static_cast<std::uint32_t>(LittleEndian(b, at, 4));
}

// The methods of compression that are common to all versions, and those that are not read.
Status ReadPacking(std::int64_t compression, std::int64_t version, BmpHeader& header) {
  if (version == kOs2_2 && compression == 3) return Bad("BMP: Huffman's code of OS/2 is not read");
  if (version == kOs2_2 && compression == 4) return Bad("BMP: RLE24 of OS/2 is not read");
  if (compression == 4) return Bad("BMP: a JPEG in a BMP is not read");
  if (compression == 5) return Bad("BMP: a PNG in a BMP is not read");
  if (compression > 6) return Bad("BMP: its compression is not known");
  if (compression == 1) header.packing = BmpHeader::Packing::kRle8;
  if (compression == 2) header.packing = BmpHeader::Packing::kRle4;
  const int packed_bits = compression == 1 ? 8 : compression == 2 ? 4 : header.bits;
  if (header.bits != packed_bits) return Bad("BMP: its compression does not fit its bits");
  return {};
}

// The masks follow the 40 bytes that all versions share, within a longer header or behind it.
Status ReadMasks(Bytes b, std::int64_t compression, std::int64_t version, BmpHeader& header) {
  if (header.bits == 16) header.masks = {0x7C00, 0x3E0, 0x1F, 0};
  if (header.bits == 32) header.masks = {0xFF0000, 0xFF00, 0xFF, 0};
  if (compression != 3 && compression != 6) return {};
  if (header.bits != 16 && header.bits != 32) return Bad("BMP: its masks do not fit its bits");
  const std::size_t at = kFileHeader_bytes + kInfo;
  const bool has_alpha = version >= kMasksAndAlpha || compression == 6;
  const std::size_t count = has_alpha ? 4 : 3;
  if (at + 4 * count > b.size()) return Bad("BMP: truncated");
  for (std::size_t i = 0; i < count; ++i) header.masks[i] = Mask(b, at + 4 * i);
  if (version == kInfo) header.palette_at += 4 * count;
  return {};
}

void ReadColour(Bytes b, std::int64_t version, BmpHeader& header) {
  if (version < kV4) return;
  header.is_srgb = HasPrefix(b, "BGRs", kFileHeader_bytes + 56);
  if (version < kV5 || !HasPrefix(b, "DEBM", kFileHeader_bytes + 56)) return;
  const auto at =
      kFileHeader_bytes + static_cast<std::size_t>(LittleEndian(b, kFileHeader_bytes + 112, 4));
  const auto size = static_cast<std::size_t>(LittleEndian(b, kFileHeader_bytes + 116, 4));
  if (at < b.size() && size <= b.size() - at) header.icc = b.subspan(at, size);
}

void ReadPalette(Bytes b, std::int64_t used, BmpHeader& header) {
  if (header.bits > 8) return;
  header.colours = std::size_t{1} << header.bits;
  if (used > 0 && used < 256) header.colours = static_cast<std::size_t>(used);
  // Some programs forget the palette when they say where the pixels are.
  if (header.pixels_at == header.palette_at) {
    header.pixels_at = std::min(header.pixels_at + header.colours * header.colour_bytes, b.size());
  }
  // OS/2 programs wrote fewer colours than there could be, without saying so.
  const std::size_t room = header.pixels_at - header.palette_at;
  header.colours = std::min(header.colours, room / header.colour_bytes);
}

Status CheckPixels(Bytes b, const BmpHeader& header) {
  if (header.packing != BmpHeader::Packing::kNone) return {};
  const auto there = static_cast<std::int64_t>(b.size() - header.pixels_at);
  // The last row may come without its padding bytes.
  const std::int64_t gap = header.stride_bytes() - (header.width_px * header.bits + 7) / 8;
  const std::int64_t rows = (there + gap) / header.stride_bytes();
  if (rows < header.height_px) return PixelsMissing("BMP", rows, header.height_px, "truncated");
  return {};
}

}  // namespace

Result<BmpHeader> ReadBmpHeader(Bytes b) {
  constexpr std::int64_t kVersions[] = {kOs2_1,         kOs2_2Short, kInfo, kMasks,
                                        kMasksAndAlpha, kOs2_2,      kV4,   kV5};
  if (b.size() < 26) return Bad("BMP: truncated");
  const std::int64_t version = LittleEndian(b, 14, 4);
  if (std::find(std::begin(kVersions), std::end(kVersions), version) == std::end(kVersions)) {
    return Bad(fmt::format("BMP: a header of {} bytes is of no known version", version));
  }
  BmpHeader header;
  header.palette_at = kFileHeader_bytes + static_cast<std::size_t>(version);
  if (b.size() < header.palette_at) return Bad("BMP: truncated");
  std::int64_t height = 0, compression = 0, used = 0;
  if (version == kOs2_1) {  // 16-bit sides
    header.width_px = LittleEndian(b, 18, 2);
    height = LittleEndian(b, 20, 2);
    header.bits = static_cast<int>(LittleEndian(b, 24, 2));
    header.colour_bytes = 3;
  } else {
    header.width_px = static_cast<std::int32_t>(LittleEndian(b, 18, 4));
    height = static_cast<std::int32_t>(LittleEndian(b, 22, 4));
    header.bits = static_cast<int>(LittleEndian(b, 28, 2));
    compression = version == kOs2_2Short ? 0 : LittleEndian(b, 30, 4);
    used = version == kOs2_2Short ? 0 : LittleEndian(b, 46, 4);
  }
  header.is_top_down = height < 0;
  header.height_px = std::abs(height);
  if (header.width_px <= 0 || height == 0) return Bad("BMP: no width or height");
  constexpr int kBits[] = {1, 4, 8, 16, 24, 32};
  if (std::find(std::begin(kBits), std::end(kBits), header.bits) == std::end(kBits)) {
    if (compression != 4 && compression != 5)  // they have 0 bits, which ReadPacking reports
      return Bad(fmt::format("BMP: {} bits a pixel are not read", header.bits));
  }
  INLIER_RETURN_IF_ERROR(ReadPacking(compression, version, header));
  INLIER_RETURN_IF_ERROR(ReadMasks(b, compression, version, header));
  header.pixels_at = static_cast<std::size_t>(LittleEndian(b, 10, 4));
  if (header.pixels_at > b.size()) return Bad("BMP: truncated before the picture");
  if (header.pixels_at < header.palette_at) return Bad("BMP: its pixels lie in its header");
  ReadPalette(b, used, header);
  ReadColour(b, version, header);
  INLIER_RETURN_IF_ERROR(CheckPixels(b, header));
  return header;
}

Result<ImageHeader> ProbeBmp(Bytes file) {
  INLIER_ASSIGN_OR_RETURN(const BmpHeader header, ReadBmpHeader(file));
  return ImageHeader{.format = ImageHeader::Format::kBmp,
                     .width_px = header.width_px,
                     .height_px = header.height_px,
                     .has_alpha = header.masks[3] != 0};
}

}  // namespace inlier
