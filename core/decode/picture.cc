// From the bytes of a picture file to an Image. The header is read by our own code first, so that a
// file which claims too much or has a format that we do not read never reaches a decoder. Its
// decoder then hands rows to a PictureBuilder, and the picture is turned upright at the end.
#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <opencv2/core.hpp>

#include "core/decode/bad_image.h"
#include "core/decode/formats.h"
#include "core/decode/orientation.h"
#include "core/decode/picture_builder.h"
#include "core/image.h"
#include "core/mat.h"

namespace inlier {
namespace {

Status CheckLimits(const ImageHeader& header, const DecodeLimits& limits) {
  if (header.width_px > limits.max_side_px || header.height_px > limits.max_side_px) {
    return Bad(fmt::format("claims {}×{} pixels, more than the limit of {} a side", header.width_px,
                           header.height_px, limits.max_side_px),
               BadImage::kTooLarge);
  }
  if (header.scans * header.width_px * header.height_px > limits.max_scan_pixels) {
    return Bad(
        fmt::format("{} scans of {}×{} pixels, more than the limit of {} pixels over all scans",
                    header.scans, header.width_px, header.height_px, limits.max_scan_pixels),
        BadImage::kTooLarge);
  }
  return {};
}

Status DecodeRows(const DecodeTask& task, RowSink& sink) {
  switch (task.header.format) {
    case ImageHeader::Format::kJpeg:
      return DecodeJpeg(task, sink);
    case ImageHeader::Format::kPng:
      return DecodePng(task, sink);
    case ImageHeader::Format::kWebp:
      return DecodeWebp(task, sink);
    case ImageHeader::Format::kTiff:
      return DecodeTiff(task, sink);
    case ImageHeader::Format::kGif:
      return DecodeGif(task, sink);
    case ImageHeader::Format::kBmp:
      return DecodeBmp(task, sink);
    case ImageHeader::Format::kPnm:
      return DecodePnm(task, sink);
    case ImageHeader::Format::kHeif:
      return DecodeHeif(task, sink);
  }
  return Bad("not an image of a known format");
}

// EXIF 2.32, tag 0x0112. In the orientations 5 to 8 the picture lies on its side; in 2, 4, 5 and 7
// it is mirrored.
Image Upright(Image image, int orientation) {
  if (orientation == 1) return image;
  const cv::Mat mat = AsMat(image);
  cv::Mat out = mat;
  if (orientation >= 5) cv::transpose(mat, out);
  constexpr int kBoth = -1, kUpsideDown = 0, kMirrored = 1;
  if (orientation == 2 || orientation == 6) cv::flip(out, out, kMirrored);
  if (orientation == 3 || orientation == 7) cv::flip(out, out, kBoth);
  if (orientation == 4 || orientation == 8) cv::flip(out, out, kUpsideDown);
  return FromMat(out);
}

// Where a region of the upright picture lies in the picture as it is stored, which has these sides.
PixelRegion AsStored(PixelRegion region, int orientation, int width_px, int height_px) {
  if (orientation >= 5) {
    std::swap(region.left_px, region.top_px);
    std::swap(region.width_px, region.height_px);
  }
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  if (from_right) region.left_px = width_px - region.left_px - region.width_px;
  if (from_below) region.top_px = height_px - region.top_px - region.height_px;
  return region;
}

Result<DecodedPicture> Decode(std::span<const std::uint8_t> file, const DecodeOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const ImageHeader header, ProbeImage(file));
  INLIER_RETURN_IF_ERROR(CheckLimits(header, options.limits));
  const int orientation = Orientation(header);
  const auto width_px = static_cast<int>(header.width_px),
             height_px = static_cast<int>(header.height_px);
  const bool on_its_side = orientation >= 5;
  const PixelRegion whole{.width_px = on_its_side ? height_px : width_px,
                          .height_px = on_its_side ? width_px : height_px};
  const PixelRegion region = options.region.value_or(whole);
  if (!IsWithin(region, whole.width_px, whole.height_px))
    return Fail(ErrorCode::kInvalidArgument, "the region is not within the picture");
  DecodedPicture picture;
  PictureBuilder builder(options, AsStored(region, orientation, width_px, height_px), width_px,
                         height_px, picture.warnings);
  // The least side is required of the region, but a decoder reduces the whole picture.
  const std::int64_t least_side_px = std::int64_t{options.least_side_px} *
                                     std::max(width_px, height_px) /
                                     std::max(region.width_px, region.height_px);
  INLIER_RETURN_IF_ERROR(DecodeRows({.file = file,
                                     .header = header,
                                     .limits = options.limits,
                                     .least_side_px = static_cast<int>(std::min<std::int64_t>(
                                         least_side_px, options.limits.max_side_px)),
                                     .warnings = picture.warnings},
                                    builder));
  INLIER_ASSIGN_OR_RETURN(Image stored, builder.Take());
  picture.image = Upright(std::move(stored), orientation);
  if (picture.image.width_px != region.width_px || picture.image.height_px != region.height_px) {
    picture.image.full_width_px = region.width_px;
    picture.image.full_height_px = region.height_px;
  }
  return picture;
}

}  // namespace

Result<DecodedPicture> DecodePicture(std::span<const std::uint8_t> file,
                                     const DecodeOptions& options) {
  if (static_cast<std::int64_t>(file.size()) > options.limits.max_file_bytes) {
    return Bad(fmt::format("{} bytes, more than the limit of {}", file.size(),
                           options.limits.max_file_bytes),
               BadImage::kTooLarge);
  }
  try {
    // A library that gets no memory may report that under any name. malloc() says so in errno,
    // which nothing resets.
    errno = 0;
    auto picture = Decode(file, options);
    if (!picture && errno == ENOMEM) return NoMemory();
    return picture;
  } catch (const std::bad_alloc&) {
    return NoMemory();
  } catch (const cv::Exception& e) {
    return e.code == cv::Error::StsNoMem ? NoMemory() : Bad(fmt::format("damaged: {}", e.what()));
  } catch (const std::exception& e) {
    return Bad(fmt::format("damaged: {}", e.what()));
  }
}

Result<DecodedPicture> ReadPicture(const std::filesystem::path& path,
                                   const DecodeOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const auto bytes, ReadFileBytes(path, options.limits.max_file_bytes));
  return DecodePicture(bytes, options);
}

Result<Image> DecodeImage(std::span<const std::uint8_t> file, const DecodeLimits& limits) {
  INLIER_ASSIGN_OR_RETURN(DecodedPicture picture, DecodePicture(file, {.limits = limits}));
  return std::move(picture.image);
}

Result<Image> ReadImage(const std::filesystem::path& path, const DecodeLimits& limits) {
  INLIER_ASSIGN_OR_RETURN(DecodedPicture picture, ReadPicture(path, {.limits = limits}));
  return std::move(picture.image);
}

}  // namespace inlier
