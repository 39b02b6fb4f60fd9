#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"

namespace inlier::test {

using FileBytes = std::vector<std::uint8_t>;

/// Image files that cameras, scanners and broken downloads make.

/// The image as `ending` (".png", ".webp", …) asks.
FileBytes Encode(const Image& image, const std::string& ending);

/// TIFF bytes that say this orientation: the data of a PNG's eXIf chunk.
FileBytes ExifOfOrientation(int orientation);

/// A WebP file of one picture with alpha, with EXIF bytes behind it.
FileBytes WebpWithExif(const FileBytes& webp, int width_px, int height_px, const FileBytes& exif);

/// A picture behind the EXIF orientation 1 to 8 (TIFF tag 0x112), in an APP1 segment of the JPEG.
FileBytes WithExifOrientation(const FileBytes& jpeg, int orientation);

/// A CMYK JPEG as Adobe programs write it (inverted inks) of this one colour.
FileBytes CmykJpeg(int width_px, int height_px, int blue, int green, int red);

/// In several scans, as the web likes them.
FileBytes ProgressiveJpeg(const Image& image);

/// A PNG of this header, colour type and depth (PNG specification, §11.2.2), with these rows
/// (filter bytes included) and, before them, further chunks.
FileBytes Png(std::uint32_t width_px, std::uint32_t height_px, int depth_bits, int colour_type,
              const FileBytes& rows, const FileBytes& chunks = {});
/// These bytes as they are, then `data` compressed (zlib): what a zTXt or iCCP chunk holds.
FileBytes Deflated(std::string_view before, const FileBytes& data);
FileBytes PngChunk(std::string_view type, const FileBytes& data);

}  // namespace inlier::test
