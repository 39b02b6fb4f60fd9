#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/result.h"
#include "inlier/image.h"

namespace inlier {

/// What the header of an image file says. No pixel is decoded to read it.
struct ImageHeader {
  enum class Format { kJpeg, kPng, kWebp, kTiff, kGif, kBmp, kPnm, kHeif } format = Format::kJpeg;
  std::int64_t width_px = 0;
  std::int64_t height_px = 0;
  bool has_alpha = false;
  std::int64_t scans = 1;
  // The content of its EXIF and XMP segment or chunk, parts of `file`.
  std::span<const std::uint8_t> exif, xmp;
};

/// Recognises the format by its magic bytes, reads the dimensions, and checks that the file is
/// whole as far as the format allows (end marker of a JPEG, end chunk of a PNG, lengths of the
/// others). Errors: kBadImage.
Result<ImageHeader> ProbeImage(std::span<const std::uint8_t> file);

/// Reads a whole file of at most `max_bytes`. Errors: kNotFound, kIo, kBadImage (too large).
Result<std::vector<std::uint8_t>> ReadFileBytes(const std::filesystem::path& path,
                                                std::int64_t max_bytes);

/// The luma of an image (ITU-R BT.601) as one channel. A grey image is returned unchanged. Like
/// ResizeLongSide it makes a new image, which no longer knows the size of the full picture.
Image ToGrey(const Image& image);

/// The sides of the picture that an image shows, in whose pixels its features and hits are: those
/// of the image itself unless it was reduced while it was decoded.
inline int FullWidth_px(const Image& image) {
  return image.full_width_px > 0 ? image.full_width_px : image.width_px;
}
inline int FullHeight_px(const Image& image) {
  return image.full_height_px > 0 ? image.full_height_px : image.height_px;
}

/// Resizes an image so that its long side becomes `long_side_px`. Averages over areas when the
/// image gets smaller, and interpolates with cubics when it gets larger.
Image ResizeLongSide(const Image& image, int long_side_px);

/// True when a region has pixels and lies within a picture of these sides.
bool IsWithin(const PixelRegion& region, int width_px, int height_px);

/// A part of an image that has not been reduced. The region must lie within it.
Image Cut(const Image& image, const PixelRegion& region);

/// JPEG bytes of a 1- or 3-channel image. None when it has no pixels or a side above 65,500 px.
std::vector<std::uint8_t> EncodeJpeg(const Image& image, int quality);

/// PNG bytes of a 1- or 3-channel image. Errors: kInvalidArgument (an empty image, other channels).
Result<std::vector<std::uint8_t>> EncodePng(const Image& image);

}  // namespace inlier
