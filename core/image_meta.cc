#include "core/image_meta.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "core/bytes.h"
#include "core/decode/tiff_directory.h"

namespace inlier {
namespace {

using Bytes = std::span<const std::uint8_t>;

}  // namespace

// EXIF data is a TIFF file (TIFF 6.0) whose first directory has the tag.
int ExifOrientation(Bytes exif) {
  constexpr int kOrientationTag = 0x0112;
  const bool has_prefix = HasPrefix(exif, std::string_view("Exif\0\0", 6));
  const auto directory = TiffDirectory::First(has_prefix ? exif.subspan(6) : exif);
  const auto orientation = directory ? directory->Number(kOrientationTag) : std::nullopt;
  return orientation && *orientation >= 1 && *orientation <= 8 ? static_cast<int>(*orientation) : 1;
}

std::vector<std::uint8_t> BarePng(Bytes file) {
  std::vector<std::uint8_t> bare(file.begin(), file.begin() + 8);
  bare.reserve(file.size());
  constexpr std::string_view kPicture[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
  for (std::size_t at = 8; at + 12 <= file.size();) {
    const auto length = static_cast<std::size_t>(BigEndian(file, at, 4));
    const Bytes chunk = file.subspan(at, length + 12);
    if (std::any_of(std::begin(kPicture), std::end(kPicture),
                    [&](auto name) { return HasPrefix(chunk, name, 4); })) {
      bare.insert(bare.end(), chunk.begin(), chunk.end());
    }
    if (HasPrefix(chunk, "IEND", 4)) break;
    at += chunk.size();
  }
  return bare;
}

}  // namespace inlier
