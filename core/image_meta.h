#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace inlier {

/// The orientation (1 to 8) that EXIF data asks for (ImageHeader::exif); 1 when it asks for none or
/// cannot be understood.
int ExifOrientation(std::span<const std::uint8_t> exif);

/// A PNG file without the chunks that are no part of the picture. Texts and profiles are
/// compressed, and a thousand of them may each grow a thousandfold before a pixel is decoded.
/// `file` has passed ProbeImage.
std::vector<std::uint8_t> BarePng(std::span<const std::uint8_t> file);

}  // namespace inlier
