#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "inlier/error.h"
#include "inlier/export.h"

namespace inlier {

/// A point in an image, in pixels of the decoded original after the turn that EXIF asks for. Pixel
/// centres are at whole numbers, as in OpenCV.
struct Point {
  float x_px = 0;
  float y_px = 0;
};

/// An image of 8 bits a channel. Rows follow each other from the top without a gap, and the
/// channels of a pixel lie side by side. `channels` is 3 (blue, green, red) or 1 (grey).
struct Image {
  int width_px = 0;
  int height_px = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;  // height × width × channels

  bool empty() const { return pixels.empty(); }
};

/// What the bytes of one pixel mean, in their order.
enum class PixelOrder { kGrey, kBgr, kRgb, kBgra, kRgba };

/// Pixels that somebody else owns, 8 bits a channel: a frame of a camera, an array of numpy.
struct PixelView {
  const std::uint8_t* pixels = nullptr;  // the first byte of the top row
  int width_px = 0;
  int height_px = 0;
  PixelOrder order = PixelOrder::kBgr;
  /// From the start of one row to the start of the next; 0 means that the rows follow each other
  /// without a gap. Negative when the rows lie in memory from the bottom up.
  std::ptrdiff_t row_bytes = 0;
};

/// Copies pixels into an Image. Transparent pixels are laid over white, as they are when a file is
/// decoded. Errors: kBadImage (no pixels, a side that is not positive or above the limits, rows
/// that overlap).
INLIER_EXPORT Result<Image> ImageFromPixels(const PixelView& view);

/// What a file may cost before a pixel of it is decoded.
struct DecodeLimits {
  std::int64_t max_file_bytes = 64LL << 20;
  std::int64_t max_pixels = 100'000'000;
  int max_side_px = 30'000;
  /// What a decoder may take beside the pixels that it hands over: a progressive JPEG holds all of
  /// its coefficients, an interlaced PNG all of its pixels.
  std::int64_t max_memory_bytes = 1LL << 30;
  /// A progressive JPEG goes over its pixels once in each scan, and a small file can have thousands
  /// of scans. The limit is on the pixels of all scans together.
  std::int64_t max_scan_pixels = 1'500'000'000;
};

/// Decodes the bytes of a JPEG, PNG, WebP, BMP or PNM file into 3 channels of 8 bits. The turn that
/// EXIF asks for is applied, 16 bits are reduced to 8, and transparency is laid over white. The
/// dimensions are checked before memory for pixels is allocated. Errors: kBadImage.
INLIER_EXPORT Result<Image> DecodeImage(std::span<const std::uint8_t> file,
                                        const DecodeLimits& limits = {});

/// Reads a file of at most `limits.max_file_bytes` and decodes it. Errors: kNotFound, kIo, and
/// those of DecodeImage.
INLIER_EXPORT Result<Image> ReadImage(const std::filesystem::path& path,
                                      const DecodeLimits& limits = {});

}  // namespace inlier
