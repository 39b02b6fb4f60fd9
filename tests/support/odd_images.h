#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"

namespace inlier::test {

using FileBytes = std::vector<std::uint8_t>;

// Image files as cameras, scanners and broken downloads make them.

/// The image in the format that `ending` (".png", ".webp", …) stands for.
FileBytes Encode(const Image& image, const std::string& ending);

/// EXIF data with this orientation, as the eXIf chunk of a PNG has it.
FileBytes ExifOfOrientation(int orientation);

/// A WebP file of one picture with alpha, and EXIF data behind it.
FileBytes WebpWithExif(const FileBytes& webp, int width_px, int height_px, const FileBytes& exif);

/// The JPEG with an APP1 segment whose EXIF data asks for this orientation, 1 to 8 (TIFF tag
/// 0x112).
FileBytes WithExifOrientation(const FileBytes& jpeg, int orientation);

/// A CMYK JPEG of one colour, with inverted inks as the programs of Adobe write them.
FileBytes CmykJpeg(int width_px, int height_px, int blue, int green, int red);

/// A JPEG in several scans, as they are common on web pages.
FileBytes ProgressiveJpeg(const Image& image);

/// A PNG with this size, depth and colour type (PNG specification, §11.2.2). `rows` include their
/// filter bytes; `chunks` come before them.
FileBytes Png(std::uint32_t width_px, std::uint32_t height_px, int depth_bits, int colour_type,
              const FileBytes& rows, const FileBytes& chunks = {});
/// The content of a zTXt or iCCP chunk: the bytes `before` as they are, then `data` compressed by
/// zlib.
FileBytes Deflated(std::string_view before, const FileBytes& data);
/// A chunk with its length and checksum.
FileBytes PngChunk(std::string_view type, const FileBytes& data);

}  // namespace inlier::test
