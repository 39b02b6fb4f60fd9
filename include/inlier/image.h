#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inlier/error.h"
#include "inlier/export.h"

namespace inlier {

/// A point in an image, in pixels of the full original after the turn that EXIF asks for. Pixel
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
  /// The sides of the full picture, when it was reduced to this image while it was decoded;
  /// otherwise 0. Points of features and hits are in pixels of that picture.
  int full_width_px = 0;
  int full_height_px = 0;

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

/// What a file may cost.
struct DecodeLimits {
  std::int64_t max_file_bytes = 256LL << 20;
  /// Of the image that is made, which may be smaller than the picture: see DecodeOptions.
  std::int64_t max_pixels = 100'000'000;
  int max_side_px = 65'535;
  /// What a decoder may take beside the image that is made: a progressive JPEG holds all of its
  /// coefficients, an interlaced PNG all of its pixels.
  std::int64_t max_memory_bytes = 1LL << 30;
  /// A progressive JPEG goes over its pixels once in each scan, and a small file can have thousands
  /// of scans. The limit is on the pixels of the picture in all scans together.
  std::int64_t max_scan_pixels = 1'500'000'000;
};

/// A part of a picture, in whole pixels of the full picture after its turn.
struct PixelRegion {
  int left_px = 0;
  int top_px = 0;
  int width_px = 0;
  int height_px = 0;
};

/// How a picture is decoded.
struct DecodeOptions {
  DecodeLimits limits = {};
  /// A larger picture is reduced while it is decoded, which saves time and memory; its long side
  /// keeps at least this many pixels. 0 keeps every pixel.
  int least_side_px = 0;
  /// Only this part becomes the image, at a scale of its own, as if the picture had been cut to it
  /// before. It must lie within the picture, or the error is kInvalidArgument.
  std::optional<PixelRegion> region = std::nullopt;
};

/// A picture that could be decoded, and what is odd about its file, in sentences that do not name
/// the file: bytes that belong to nothing, a missing end marker, a broken colour profile.
struct DecodedPicture {
  Image image;
  std::vector<std::string> warnings;
};

/// Decodes the bytes of a JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF, BMP, PGM or PPM file, of which
/// the first bytes decide, into 3 channels of 8 bits in sRGB (docs/FORMAT.md, "Pictures"). The turn
/// that EXIF or XMP asks for is applied, and what is transparent is laid over white, or over black
/// where white would leave nothing to see. Of an animation or several pages the first counts.
/// Dimensions and memory are checked before pixels are allocated. Errors: kBadImage, when the file
/// is none of these, passes the limits, or lacks pixels.
INLIER_EXPORT Result<DecodedPicture> DecodePicture(std::span<const std::uint8_t> file,
                                                   const DecodeOptions& options = {});

/// Reads a file of at most `limits.max_file_bytes` and decodes it. Errors: kNotFound, kIo, and
/// those of DecodePicture.
INLIER_EXPORT Result<DecodedPicture> ReadPicture(const std::filesystem::path& path,
                                                 const DecodeOptions& options = {});

/// The image of DecodePicture in full size, for callers who do not need the warnings.
INLIER_EXPORT Result<Image> DecodeImage(std::span<const std::uint8_t> file,
                                        const DecodeLimits& limits = {});

/// ReadPicture, likewise.
INLIER_EXPORT Result<Image> ReadImage(const std::filesystem::path& path,
                                      const DecodeLimits& limits = {});

}  // namespace inlier
