#include <string_view>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"

namespace inlier {
namespace {

constexpr std::string_view kExif("Exif\0\0", 6);  // how the EXIF segment of a JPEG begins

}  // namespace

// The segments before the first scan give the dimensions (ITU-T T.81, annex B). After the start of
// a scan, FF D9 can only be the end marker, since a data byte FF is always followed by 00 or by a
// restart marker. A file without it has been cut off.
Result<ImageHeader> ProbeJpeg(Bytes b) {
  ImageHeader header{.format = ImageHeader::Format::kJpeg};
  std::size_t at = 2;
  while (at + 4 <= b.size()) {
    if (b[at] != 0xFF) return Bad("JPEG: marker expected");
    const std::uint8_t marker = b[at + 1];
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {  // no payload
      at += 2;
      continue;
    }
    const auto length = static_cast<std::size_t>(BigEndian(b, at + 2, 2));
    if (length < 2 || at + 2 + length > b.size()) return Bad("JPEG: truncated");
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) {
      if (length < 8) return Bad("JPEG: frame header too short");
      header.height_px = BigEndian(b, at + 5, 2);
      header.width_px = BigEndian(b, at + 7, 2);
    }
    const Bytes payload = b.subspan(at + 4, length - 2);
    if (marker == 0xE1 && header.exif.empty() && HasPrefix(payload, kExif)) header.exif = payload;
    at += 2 + length;
    if (marker == 0xDA) {
      if (header.width_px == 0) return Bad("JPEG: scan without a frame");
      for (; at + 1 < b.size(); ++at) {
        if (b[at] != 0xFF) continue;
        if (b[at + 1] == 0xD9) return header;
        header.scans += b[at + 1] == 0xDA;
      }
      return Bad("JPEG: truncated (no end marker)");
    }
  }
  return Bad("JPEG: truncated before the picture");
}

}  // namespace inlier
