// Reads the headers of image files, of which nothing can be taken for granted: every offset and
// length is checked before it is used. One function for each format finds the dimensions, whether
// there may be transparency, and the EXIF data. It also finds out whether the file is whole,
// because decoders fill what is missing with grey and report a success.
#include <cctype>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "core/bytes.h"
#include "core/image.h"

namespace inlier {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Format = ImageHeader::Format;

constexpr std::string_view kExif("Exif\0\0", 6);  // how the EXIF segment of a JPEG begins

tl::unexpected<Error> Bad(std::string message) {
  return Fail(ErrorCode::kBadImage, std::move(message));
}

// The segments before the first scan give the dimensions (ITU-T T.81, annex B). After the start of
// a scan, FF D9 can only be the end marker, since a data byte FF is always followed by 00 or by a
// restart marker. A file without it has been cut off.
Result<ImageHeader> ProbeJpeg(Bytes b) {
  ImageHeader header{.format = Format::kJpeg};
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

Result<ImageHeader> ProbePng(Bytes b) {
  if (b.size() < 33 || !HasPrefix(b, "IHDR", 12)) return Bad("PNG: header missing");
  ImageHeader header{
      .format = Format::kPng, .width_px = BigEndian(b, 16, 4), .height_px = BigEndian(b, 20, 4)};
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

Result<ImageHeader> ProbeWebp(Bytes b) {
  if (b.size() < 30) return Bad("WebP: truncated");
  if (static_cast<std::size_t>(LittleEndian(b, 4, 4)) + 8 > b.size()) return Bad("WebP: truncated");
  ImageHeader header{.format = Format::kWebp};
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
    at += 8 + length + length % 2;
  }
  return header;
}

Result<ImageHeader> ProbeBmp(Bytes b) {
  if (b.size() < 26) return Bad("BMP: truncated");
  ImageHeader header{.format = Format::kBmp};
  if (LittleEndian(b, 14, 4) == 12) {  // OS/2 header: 16-bit sides
    header.width_px = LittleEndian(b, 18, 2);
    header.height_px = LittleEndian(b, 20, 2);
  } else {
    header.width_px = static_cast<std::int32_t>(LittleEndian(b, 18, 4));
    // When the height is negative, the rows lie from the top down.
    header.height_px =
        std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(LittleEndian(b, 22, 4))));
  }
  if (LittleEndian(b, 2, 4) > static_cast<std::int64_t>(b.size())) return Bad("BMP: truncated");
  return header;
}

// Binary PGM and PPM: P5 or P6, then the width, the height and the largest value in ASCII, with
// comments between them, one white space, and the samples.
Result<ImageHeader> ProbePnm(Bytes b) {
  ImageHeader header{.format = Format::kPnm};
  if (b.size() < 3) return Bad("PGM or PPM: truncated");
  if (!std::isspace(b[2])) return Bad("PGM or PPM: no white space behind the magic");
  std::int64_t largest = 0;
  std::size_t at = 2;
  for (std::int64_t* number : {&header.width_px, &header.height_px, &largest}) {
    while (at < b.size() && (std::isspace(b[at]) || b[at] == '#')) {
      if (b[at] == '#') {
        while (at < b.size() && b[at] != '\n') ++at;
      } else {
        ++at;
      }
    }
    for (; at < b.size() && std::isdigit(b[at]) && *number < 1'000'000'000; ++at) {
      *number = *number * 10 + (b[at] - '0');
    }
  }
  const int sample_bytes = largest > 255 ? 2 : 1;
  const int pixel_bytes = HasPrefix(b, "P6") ? 3 * sample_bytes : sample_bytes;
  // Computed in double, since the product of two such numbers may not fit an integer.
  if (static_cast<double>(header.width_px) * static_cast<double>(header.height_px) * pixel_bytes >=
      static_cast<double>(b.size() - at)) {
    return Bad("PGM or PPM: truncated");
  }
  return header;
}

}  // namespace

Result<ImageHeader> ProbeImage(Bytes file) {
  if (file.empty()) return Bad("the file is empty");
  auto probe = [&]() -> Result<ImageHeader> {
    if (HasPrefix(file, "\xFF\xD8\xFF")) return ProbeJpeg(file);
    if (HasPrefix(file, "\x89PNG\r\n\x1A\n")) return ProbePng(file);
    if (HasPrefix(file, "RIFF") && HasPrefix(file, "WEBP", 8)) return ProbeWebp(file);
    if (HasPrefix(file, "BM")) return ProbeBmp(file);
    if (HasPrefix(file, "P5") || HasPrefix(file, "P6")) return ProbePnm(file);
    return Bad("not an image of a known format (JPEG, PNG, WebP, BMP, PGM, PPM)");
  }();
  if (probe && (probe->width_px <= 0 || probe->height_px <= 0)) return Bad("no width or height");
  return probe;
}

}  // namespace inlier
