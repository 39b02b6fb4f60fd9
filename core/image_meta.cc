#include "core/image_meta.h"

#include <algorithm>
#include <string_view>

namespace inlier {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool HasPrefix(Bytes b, std::string_view magic) {
  return b.size() >= magic.size() && std::equal(magic.begin(), magic.end(), b.begin(), [](char m, std::uint8_t c) {
           return static_cast<std::uint8_t>(m) == c;
         });
}

std::size_t Number(Bytes b, std::size_t at, std::size_t size, bool little_endian) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | b[at + (little_endian ? size - 1 - i : i)];
  return value;
}

// TIFF 6.0: byte order, 42, offset of the first directory; entries of 12 bytes (tag, type, count, value).
int OrientationOfTiff(Bytes tiff) {
  constexpr std::size_t kOrientationTag = 0x0112, kShort = 3;
  if (HasPrefix(tiff, std::string_view("Exif\0\0", 6))) tiff = tiff.subspan(6);
  if (tiff.size() < 8) return 1;
  const bool little = HasPrefix(tiff, "II");
  if ((!little && !HasPrefix(tiff, "MM")) || Number(tiff, 2, 2, little) != 42) return 1;
  const std::size_t directory = Number(tiff, 4, 4, little);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t entries = Number(tiff, directory, 2, little);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + 12 * i;
    if (at + 12 > tiff.size()) return 1;
    if (Number(tiff, at, 2, little) != kOrientationTag || Number(tiff, at + 2, 2, little) != kShort) continue;
    const std::size_t orientation = Number(tiff, at + 8, 2, little);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

Bytes JpegExif(Bytes b) {
  for (std::size_t at = 2; at + 4 <= b.size() && b[at] == 0xFF && b[at + 1] != 0xDA;) {
    const std::uint8_t marker = b[at + 1];
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {  // no payload
      at += 2;
      continue;
    }
    const std::size_t length = Number(b, at + 2, 2, false);
    if (length < 2 || at + 2 + length > b.size()) break;
    const Bytes payload = b.subspan(at + 4, length - 2);
    if (marker == 0xE1 && HasPrefix(payload, std::string_view("Exif\0\0", 6))) return payload;
    at += 2 + length;
  }
  return {};
}

// Calls `visit(type and what follows it, bytes of data, whole chunk)` until it returns false.
template <class Visit>
void ForEachPngChunk(Bytes b, const Visit& visit) {
  for (std::size_t at = 8; at + 12 <= b.size();) {
    const std::size_t length = Number(b, at, 4, false);
    if (length > b.size() - at - 12 || !visit(b.subspan(at + 4), length, b.subspan(at, length + 12))) return;
    at += length + 12;
  }
}

Bytes WebpExif(Bytes b) {
  for (std::size_t at = 12; at + 8 <= b.size();) {
    const std::size_t length = Number(b, at + 4, 4, true);
    if (length > b.size() - at - 8) break;
    if (HasPrefix(b.subspan(at), "EXIF")) return b.subspan(at + 8, length);
    at += 8 + length + length % 2;
  }
  return {};
}

}  // namespace

int ExifOrientation(Bytes file, ImageHeader::Format format) {
  Bytes exif;
  if (format == ImageHeader::Format::kJpeg) exif = JpegExif(file);
  if (format == ImageHeader::Format::kWebp) exif = WebpExif(file);
  if (format == ImageHeader::Format::kPng) {
    ForEachPngChunk(file, [&](Bytes type, std::size_t length, Bytes) {
      if (HasPrefix(type, "eXIf")) exif = type.subspan(4, length);
      return true;
    });
  }
  return OrientationOfTiff(exif);
}

std::vector<std::uint8_t> BarePng(Bytes file) {
  std::vector<std::uint8_t> bare(file.begin(), file.begin() + 8);
  bare.reserve(file.size());
  ForEachPngChunk(file, [&](Bytes type, std::size_t, Bytes chunk) {
    constexpr std::string_view kPicture[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
    if (std::any_of(std::begin(kPicture), std::end(kPicture), [&](auto name) { return HasPrefix(type, name); })) {
      bare.insert(bare.end(), chunk.begin(), chunk.end());
    }
    return !HasPrefix(type, "IEND");
  });
  return bare;
}

}  // namespace inlier
