#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"

namespace inlier {

Result<ImageHeader> ProbePng(Bytes b) {
  if (b.size() < 33 || !HasPrefix(b, "IHDR", 12)) return Bad("PNG: header missing");
  ImageHeader header{.format = ImageHeader::Format::kPng,
                     .width_px = BigEndian(b, 16, 4),
                     .height_px = BigEndian(b, 20, 4)};
  const int colour_type = b[25];
  header.has_alpha = colour_type == 4 || colour_type == 6;
  std::size_t at = 8;
  while (at + 12 <= b.size()) {
    const auto length = static_cast<std::size_t>(BigEndian(b, at, 4));
    if (length > b.size() - at - 12) return Bad("PNG: truncated");
    if (HasPrefix(b, "tRNS", at + 4)) header.has_alpha = true;
    if (HasPrefix(b, "eXIf", at + 4)) header.exif = b.subspan(at + 8, length);
    if (HasPrefix(b, "IEND", at + 4)) return header;
    at += 12 + length;
  }
  return Bad("PNG: truncated (no end chunk)");
}

}  // namespace inlier
