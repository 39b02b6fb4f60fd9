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
  std::span<const std::uint8_t> exif;  // the content of its EXIF segment or chunk, a part of `file`
};

/// Recognises the format by its magic bytes, reads the dimensions, and checks that the file is
/// whole as far as the format allows (end marker of a JPEG, end chunk of a PNG, lengths of the
/// others). Errors: kBadImage.
Result<ImageHeader> ProbeImage(std::span<const std::uint8_t> file);

/// Reads a whole file of at most `max_bytes`. Errors: kNotFound, kIo, kBadImage (too large).
Result<std::vector<std::uint8_t>> ReadFileBytes(const std::filesystem::path& path,
                                                std::int64_t max_bytes);

/// The luma of an image (ITU-R BT.601) as one channel. A grey image is returned unchanged.
Image ToGrey(const Image& image);

/// Resizes an image so that its long side becomes `long_side_px`. Averages over areas when the
/// image gets smaller, and interpolates with cubics when it gets larger.
Image ResizeLongSide(const Image& image, int long_side_px);

/// JPEG bytes of a 1- or 3-channel image.
std::vector<std::uint8_t> EncodeJpeg(const Image& image, int quality);

/// PNG bytes of a 1- or 3-channel image. Errors: kInvalidArgument (an empty image, other channels).
Result<std::vector<std::uint8_t>> EncodePng(const Image& image);

}  // namespace inlier
