// Reads the header of a WebP file (RFC 9649): chunks in a RIFF container, of which the first says
// what the file is. Whether all of the pixels are there is for the decoder to find out.
#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"

namespace inlier {

Result<ImageHeader> ProbeWebp(Bytes b) {
  if (b.size() < 30) return Bad("WebP: truncated");
  ImageHeader header{.format = ImageHeader::Format::kWebp};
  if (HasPrefix(b, "VP8X", 12)) {
    header.has_alpha = (b[20] & 0x10) != 0;
    header.width_px = LittleEndian(b, 24, 3) + 1;
    header.height_px = LittleEndian(b, 27, 3) + 1;
  } else if (HasPrefix(b, "VP8L", 12)) {
    const std::int64_t bits = LittleEndian(b, 21, 4);
    header.width_px = (bits & 0x3FFF) + 1;
    header.height_px = (bits >> 14 & 0x3FFF) + 1;
    header.has_alpha = (bits >> 28 & 1) != 0;
  } else if (HasPrefix(b, "VP8 ", 12)) {
    header.width_px = LittleEndian(b, 26, 2) & 0x3FFF;
    header.height_px = LittleEndian(b, 28, 2) & 0x3FFF;
  } else {
    return Bad("WebP: unknown chunk");
  }
  for (std::size_t at = 12; at + 8 <= b.size();) {
    const auto length = static_cast<std::size_t>(LittleEndian(b, at + 4, 4));
    if (length > b.size() - at - 8) break;
    if (header.exif.empty() && HasPrefix(b, "EXIF", at)) header.exif = b.subspan(at + 8, length);
    if (header.xmp.empty() && HasPrefix(b, "XMP ", at)) header.xmp = b.subspan(at + 8, length);
    at += 8 + length + length % 2;
  }
  return header;
}

}  // namespace inlier
