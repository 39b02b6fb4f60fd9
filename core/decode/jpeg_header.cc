#include <fmt/format.h>

#include "core/bytes.h"
#include "core/decode/bad_image.h"
#include "core/decode/formats.h"
#include "core/decode/jpeg_segments.h"

namespace inlier {
namespace {

// How the EXIF and the XMP segment of a JPEG begin.
constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);

// What libjpeg-turbo cannot read, by name (ITU-T T.81, table B.1). Empty for what it can.
std::string_view UnreadKind(std::uint8_t marker) {
  switch (marker) {
    case 0xC3:
    case 0xCB:
      return "lossless JPEG";  // medical cameras and scanners
    case 0xDE:
    case 0xC5:
    case 0xC6:
    case 0xC7:
    case 0xCD:
    case 0xCE:
    case 0xCF:
      return "hierarchical JPEG";
    case 0xF7:
      return "JPEG-LS";
    default:
      return {};
  }
}

tl::unexpected<Error> NotRead(std::string_view kind) {
  return Bad(fmt::format(
      "{}, which is not read: save it as an ordinary JPEG (8 bits, baseline or progressive)",
      kind));
}

// A frame header: precision, height, width and components.
Status ReadFrame(const JpegSegment& segment, ImageHeader& header) {
  const Bytes payload = segment.payload;
  if (payload.size() < 6) return Bad("JPEG: frame header too short");
  const int bits = payload[0], components = payload[5];
  if (bits != 8) return NotRead(fmt::format("JPEG of {} bits a sample", bits));
  if (components != 1 && components != 3 && components != 4)
    return NotRead(fmt::format("JPEG of {} components", components));
  header.height_px = BigEndian(payload, 1, 2);
  header.width_px = BigEndian(payload, 3, 2);
  if (header.height_px == 0) return NotRead("JPEG that tells its height after its pixels (DNL)");
  if (header.width_px == 0) return Bad("JPEG: no width or height");
  return {};
}

}  // namespace

// The segments before the first scan give the dimensions, and the scans are counted up to the end
// marker. Whether pixels are missing is for the decoder to say, so a file without an end marker, or
// with stray bytes between its segments, passes here.
Result<ImageHeader> ProbeJpeg(Bytes file) {
  ImageHeader header{.format = ImageHeader::Format::kJpeg, .scans = 0};
  const auto start = JpegStart(file);
  if (!start) return Bad("JPEG: start marker missing");
  JpegSegments segments(file.subspan(*start));
  while (const auto segment = segments.Next()) {
    if (const std::string_view kind = UnreadKind(segment->marker); !kind.empty())
      return NotRead(kind);
    if (IsJpegFrame(segment->marker)) {
      if (header.scans > 0) break;  // another picture, behind one without an end marker
      if (header.width_px != 0) return Bad("JPEG: more than one frame");
      INLIER_RETURN_IF_ERROR(ReadFrame(*segment, header));
    }
    if (segment->marker == 0xE1 && header.exif.empty() && HasPrefix(segment->payload, kExif))
      header.exif = segment->payload;
    if (segment->marker == 0xE1 && header.xmp.empty() && HasPrefix(segment->payload, kXmp))
      header.xmp = segment->payload.subspan(kXmp.size());
    if (segment->marker == kJpegScan) {
      if (header.width_px == 0) return Bad("JPEG: scan without a frame");
      ++header.scans;
    }
  }
  if (header.scans == 0) return Bad("JPEG: truncated before the picture");
  return header;
}

}  // namespace inlier
