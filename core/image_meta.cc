#include "core/image_meta.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "core/bytes.h"

namespace inlier {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::size_t Number(Bytes b, std::size_t at, std::size_t size, bool little_endian) {
  return static_cast<std::size_t>(little_endian ? LittleEndian(b, at, size)
                                                : BigEndian(b, at, size));
}

}  // namespace

// EXIF data is a TIFF file (TIFF 6.0): the byte order, the number 42, the offset of the first
// directory. A directory has entries of 12 bytes: tag, type, count, value.
int ExifOrientation(Bytes exif) {
  constexpr std::size_t kOrientationTag = 0x0112, kShort = 3;
  const bool has_prefix = HasPrefix(exif, std::string_view("Exif\0\0", 6));
  const Bytes tiff = has_prefix ? exif.subspan(6) : exif;
  if (tiff.size() < 8) return 1;
  const bool little = HasPrefix(tiff, "II");
  if ((!little && !HasPrefix(tiff, "MM")) || Number(tiff, 2, 2, little) != 42) return 1;
  const std::size_t directory = Number(tiff, 4, 4, little);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t entries = Number(tiff, directory, 2, little);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + 12 * i;
    if (at + 12 > tiff.size()) return 1;
    if (Number(tiff, at, 2, little) != kOrientationTag || Number(tiff, at + 2, 2, little) != kShort)
      continue;
    const std::size_t orientation = Number(tiff, at + 8, 2, little);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

std::vector<std::uint8_t> BarePng(Bytes file) {
  std::vector<std::uint8_t> bare(file.begin(), file.begin() + 8);
  bare.reserve(file.size());
  constexpr std::string_view kPicture[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
  for (std::size_t at = 8; at + 12 <= file.size();) {
    const auto length = static_cast<std::size_t>(BigEndian(file, at, 4));
    const Bytes chunk = file.subspan(at, std::min(length + 12, file.size() - at));
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
