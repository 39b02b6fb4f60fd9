#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/image.h"

namespace inlier {

/// The EXIF orientation (1 to 8) that a JPEG, PNG (chunk eXIf) or WebP (chunk EXIF) file asks for; 1 when
/// it asks for none or cannot be understood. `file` has passed ProbeImage.
int ExifOrientation(std::span<const std::uint8_t> file, ImageHeader::Format format);

/// A PNG file without the chunks that are no part of the picture. Texts and profiles are compressed, and a
/// thousand of them may each grow a thousandfold before a pixel is decoded.
std::vector<std::uint8_t> BarePng(std::span<const std::uint8_t> file);

}  // namespace inlier
