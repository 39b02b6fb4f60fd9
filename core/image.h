#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/result.h"
#include "inlier/image.h"

namespace inlier {

/// What the header of an image file says, read without decoding pixels.
struct ImageHeader {
  enum class Format { kJpeg, kPng, kWebp, kBmp, kPnm } format = Format::kJpeg;
  std::int64_t width_px = 0;
  std::int64_t height_px = 0;
  bool has_alpha = false;
  std::int64_t scans = 1;
  std::span<const std::uint8_t> exif;  // of the file: what its EXIF segment or chunk holds
};

/// Reads format (by magic bytes) and dimensions, and checks that the file is whole where the format
/// tells (JPEG end marker, PNG end chunk). Errors: kBadImage.
Result<ImageHeader> ProbeImage(std::span<const std::uint8_t> file);

/// Reads a whole file of at most `max_bytes`. Errors: kNotFound, kIo, kBadImage (too large).
Result<std::vector<std::uint8_t>> ReadFileBytes(const std::filesystem::path& path,
                                                std::int64_t max_bytes);

/// One channel of luma (ITU-R BT.601). A grey image comes back as it is.
Image ToGrey(const Image& image);

/// Resizes so that the long side is `long_side_px` (area averaging down, cubic up).
Image ResizeLongSide(const Image& image, int long_side_px);

/// JPEG bytes of a 1- or 3-channel image.
std::vector<std::uint8_t> EncodeJpeg(const Image& image, int quality);

}  // namespace inlier
