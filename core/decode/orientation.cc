#include "core/decode/orientation.h"

#include <optional>
#include <string_view>

#include "core/bytes.h"
#include "core/decode/formats.h"
#include "core/decode/tiff_directory.h"

namespace inlier {
namespace {

// EXIF data is a TIFF file (TIFF 6.0) whose first directory has the tag.
std::optional<int> ExifOrientation(Bytes exif) {
  constexpr int kOrientationTag = 0x0112;
  const bool has_prefix = HasPrefix(exif, std::string_view("Exif\0\0", 6));
  const auto directory = TiffDirectory::First(has_prefix ? exif.subspan(6) : exif);
  const auto orientation = directory ? directory->Number(kOrientationTag) : std::nullopt;
  if (!orientation || *orientation < 1 || *orientation > 8) return std::nullopt;
  return static_cast<int>(*orientation);
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
