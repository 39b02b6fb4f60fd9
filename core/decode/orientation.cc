#include "core/decode/orientation.h"

#include <optional>
#include <string_view>

#include "core/bytes.h"
#include "core/decode/formats.h"

namespace inlier {
namespace {

std::size_t Number(Bytes b, std::size_t at, std::size_t size, bool little_endian) {
  return static_cast<std::size_t>(little_endian ? LittleEndian(b, at, size)
                                                : BigEndian(b, at, size));
}

// EXIF data is a TIFF file (TIFF 6.0): the byte order, the number 42, the offset of the first
// directory. A directory has entries of 12 bytes: tag, type, count, value.
std::optional<int> ExifOrientation(Bytes exif) {
  constexpr std::size_t kOrientationTag = 0x0112, kShort = 3;
  const bool has_prefix = HasPrefix(exif, std::string_view("Exif\0\0", 6));
  const Bytes tiff = has_prefix ? exif.subspan(6) : exif;
  if (tiff.size() < 8) return std::nullopt;
  const bool little = HasPrefix(tiff, "II");
  if ((!little && !HasPrefix(tiff, "MM")) || Number(tiff, 2, 2, little) != 42) return std::nullopt;
  const std::size_t directory = Number(tiff, 4, 4, little);
  if (directory > tiff.size() - 2) return std::nullopt;
  const std::size_t entries = Number(tiff, directory, 2, little);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + 12 * i;
    if (at + 12 > tiff.size()) return std::nullopt;
    if (Number(tiff, at, 2, little) != kOrientationTag || Number(tiff, at + 2, 2, little) != kShort)
      continue;
    const std::size_t orientation = Number(tiff, at + 8, 2, little);
    if (orientation < 1 || orientation > 8) return std::nullopt;
    return static_cast<int>(orientation);
  }
  return std::nullopt;
}

// XMP is XML, in which tiff:Orientation is an attribute or an element; the digit comes first in
// either, behind `="` or `>`.
std::optional<int> XmpOrientation(Bytes xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  const std::string_view text(reinterpret_cast<const char*>(xmp.data()), xmp.size());
  for (std::size_t at = text.find(kName); at != std::string_view::npos; at = text.find(kName, at)) {
    at += kName.size();
    const std::size_t digit = text.find_first_not_of("= \t\r\n\"'>", at);
    if (digit == std::string_view::npos) return std::nullopt;
    if (text[digit] >= '1' && text[digit] <= '8') return text[digit] - '0';
  }
  return std::nullopt;
}

}  // namespace

int Orientation(const ImageHeader& header) {
  if (const auto by_exif = ExifOrientation(header.exif)) return *by_exif;
  return XmpOrientation(header.xmp).value_or(1);
}

}  // namespace inlier
