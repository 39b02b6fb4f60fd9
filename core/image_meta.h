#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace inlier {

/// The orientation, 1 to 8, that EXIF data (ImageHeader::exif) asks for. It is 1, upright, when the
/// data has none or makes no sense.
int ExifOrientation(std::span<const std::uint8_t> exif);

/// A copy of a PNG file without the chunks that do not belong to the picture. Texts and profiles
/// are compressed, and a file may have a thousand of them that each grow a thousandfold before a
/// pixel is decoded. `file` must have passed ProbeImage.
std::vector<std::uint8_t> BarePng(std::span<const std::uint8_t> file);

}  // namespace inlier
