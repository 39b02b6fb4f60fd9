#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/result.h"

namespace inlier {

/// An 8-bit image, rows from the top, interleaved. `channels` is 3 (blue, green, red) or 1 (grey).
struct Image {
  int width_px = 0;
  int height_px = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;  // height × width × channels

  bool empty() const { return pixels.empty(); }
};

/// What a file may cost before a pixel of it is decoded.
struct DecodeLimits {
  std::int64_t max_file_bytes = 64LL << 20;
  std::int64_t max_pixels = 100'000'000;
  int max_side_px = 30'000;
  /// A progressive JPEG goes over its pixels once a scan, and a small file can ask for thousands.
  std::int64_t max_scan_pixels = 1'500'000'000;
};

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

/// Decodes JPEG, PNG, WebP, BMP or PNM into 3 channels of 8 bits: EXIF turn applied, 16 bits
/// reduced, transparency laid over white. Dimensions are checked before pixels are allocated.
/// Errors: kBadImage.
Result<Image> DecodeImage(std::span<const std::uint8_t> file, const DecodeLimits& limits = {});

/// Reads a whole file of at most `max_bytes`. Errors: kNotFound, kIo, kBadImage (too large).
Result<std::vector<std::uint8_t>> ReadFileBytes(const std::filesystem::path& path,
                                                std::int64_t max_bytes);

/// ReadFileBytes, then DecodeImage.
Result<Image> ReadImage(const std::filesystem::path& path, const DecodeLimits& limits = {});

/// One channel of luma (ITU-R BT.601). A grey image comes back as it is.
Image ToGrey(const Image& image);

/// Resizes so that the long side is `long_side_px` (area averaging down, cubic up).
Image ResizeLongSide(const Image& image, int long_side_px);

/// JPEG bytes of a 1- or 3-channel image.
std::vector<std::uint8_t> EncodeJpeg(const Image& image, int quality);

}  // namespace inlier
