// Decoding and resizing of images. The header of a file is read by our own code first
// (image_header.cc), so that a file which claims too much, is cut off, or has a format that is not
// ours never reaches a decoder. OpenCV decodes JPEG, PNG, BMP and PNM, libwebp decodes WebP. Then
// transparency is laid over white and the turn that EXIF asks for is applied.
#include "core/image.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <webp/decode.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/alpha.h"
#include "core/image_meta.h"
#include "core/mat.h"

namespace inlier {
namespace {

cv::Mat LaidOverWhite(const cv::Mat& bgra) {
  cv::Mat out(bgra.size(), CV_8UC3);
  for (int y = 0; y < bgra.rows; ++y) {
    const auto* from = bgra.ptr<cv::Vec4b>(y);
    auto* to = out.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgra.cols; ++x) {
      const int alpha = from[x][3];
      for (int c = 0; c < 3; ++c) {
        to[x][c] = OverWhite(from[x][c], alpha);
      }
    }
  }
  return out;
}

cv::Mat DecodeWebp(std::span<const std::uint8_t> file, const ImageHeader& header) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK ||
      features.has_animation != 0 || features.width != header.width_px ||
      features.height != header.height_px) {
    return {};
  }
  const bool alpha = features.has_alpha != 0;
  cv::Mat mat(features.height, features.width, alpha ? CV_8UC4 : CV_8UC3);
  const auto decode = alpha ? WebPDecodeBGRAInto : WebPDecodeBGRInto;
  if (decode(file.data(), file.size(), mat.data, mat.total() * mat.elemSize(),
             static_cast<int>(mat.step)) == nullptr)
    return {};
  return alpha ? LaidOverWhite(mat) : mat;
}

// OpenCV asks one decoder after another whether it knows the file. Some of them, for medical images
// and maps, look for their magic bytes in the middle of the file. OpenCV is therefore handed only
// files that begin as JPEG, PNG, BMP or PNM, which the decoder that we mean is sure to take.
cv::Mat DecodePixels(std::span<const std::uint8_t> file, const ImageHeader& header) {
  if (header.format == ImageHeader::Format::kWebp) return DecodeWebp(file, header);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): it is only read
  auto* const data = const_cast<std::uint8_t*>(file.data());
  const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8UC1, data);
  constexpr int kColour = cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION;
  if (!header.has_alpha) return cv::imdecode(bytes, kColour);
  cv::Mat mat = cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
  if (mat.depth() == CV_16U) mat.convertTo(mat, CV_8U, 1.0 / 257);
  if (mat.channels() == 4) return LaidOverWhite(mat);
  return mat.empty() ? mat : cv::imdecode(bytes, kColour);
}

// EXIF 2.32, tag 0x0112. The orientations 5 to 8 lie on their side; some of all are mirrored.
cv::Mat Upright(const cv::Mat& mat, int orientation) {
  cv::Mat out = mat;
  if (orientation >= 5) cv::transpose(mat, out);
  constexpr int kBoth = -1, kUpsideDown = 0, kMirrored = 1;
  if (orientation == 2 || orientation == 6) cv::flip(out, out, kMirrored);
  if (orientation == 3 || orientation == 7) cv::flip(out, out, kBoth);
  if (orientation == 4 || orientation == 8) cv::flip(out, out, kUpsideDown);
  return out;
}

}  // namespace

Result<Image> DecodeImage(std::span<const std::uint8_t> file, const DecodeLimits& limits) {
  if (static_cast<std::int64_t>(file.size()) > limits.max_file_bytes) {
    return Fail(ErrorCode::kBadImage, fmt::format("{} bytes, more than the limit of {}",
                                                  file.size(), limits.max_file_bytes));
  }
  INLIER_ASSIGN_OR_RETURN(const ImageHeader header, ProbeImage(file));
  if (header.width_px > limits.max_side_px || header.height_px > limits.max_side_px ||
      header.width_px * header.height_px > limits.max_pixels) {
    return Fail(
        ErrorCode::kBadImage,
        fmt::format("claims {}×{} pixels, more than the limits of {} a side and {} in all",
                    header.width_px, header.height_px, limits.max_side_px, limits.max_pixels));
  }
  if (header.scans * header.width_px * header.height_px > limits.max_scan_pixels) {
    return Fail(
        ErrorCode::kBadImage,
        fmt::format("{} scans of {}×{} pixels, more than the limit of {} pixels over all scans",
                    header.scans, header.width_px, header.height_px, limits.max_scan_pixels));
  }
  try {
    const bool is_png = header.format == ImageHeader::Format::kPng;
    const std::vector<std::uint8_t> bare = is_png ? BarePng(file) : std::vector<std::uint8_t>();
    const cv::Mat decoded =
        DecodePixels(is_png ? std::span<const std::uint8_t>(bare) : file, header);
    const cv::Mat mat = Upright(decoded, ExifOrientation(header.exif));
    if (mat.empty()) return Fail(ErrorCode::kBadImage, "damaged: the decoder could not read it");
    return FromMat(mat);
  } catch (const std::exception&) {
    return Fail(ErrorCode::kBadImage, "damaged: the decoder gave up");
  }
}

Result<std::vector<std::uint8_t>> ReadFileBytes(const std::filesystem::path& path,
                                                std::int64_t max_bytes) {
  std::error_code ec;
  const auto status = std::filesystem::status(path, ec);
  if (status.type() == std::filesystem::file_type::not_found)
    return Fail(ErrorCode::kNotFound, "no such file");
  // We may not be allowed to search the folder, or the name may be too long.
  if (ec == std::errc::permission_denied) return Fail(ErrorCode::kIo, "permission denied");
  if (!std::filesystem::exists(status)) return Fail(ErrorCode::kIo, ec.message());
  if (!std::filesystem::is_regular_file(status)) return Fail(ErrorCode::kIo, "not a regular file");
  errno = 0;
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return Fail(ErrorCode::kIo, errno ? std::strerror(errno) : "cannot be opened");
  const auto size = static_cast<std::int64_t>(in.tellg());
  if (size > max_bytes) {
    return Fail(ErrorCode::kBadImage,
                fmt::format("{} bytes, more than the limit of {}", size, max_bytes));
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  in.seekg(0);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), size)) {
    return Fail(ErrorCode::kIo, "cannot be read to the end");
  }
  return bytes;
}

Result<Image> ReadImage(const std::filesystem::path& path, const DecodeLimits& limits) {
  INLIER_ASSIGN_OR_RETURN(const auto bytes, ReadFileBytes(path, limits.max_file_bytes));
  return DecodeImage(bytes, limits);
}

Image ToGrey(const Image& image) {
  if (image.channels == 1) return image;
  cv::Mat grey;
  cv::cvtColor(AsMat(image), grey, cv::COLOR_BGR2GRAY);
  return FromMat(grey);
}

Image ResizeLongSide(const Image& image, int long_side_px) {
  const int side = std::max(image.width_px, image.height_px);
  if (side == long_side_px || side == 0) return image;
  const double scale = static_cast<double>(long_side_px) / side;
  const cv::Size size(std::max(1, static_cast<int>(std::lround(image.width_px * scale))),
                      std::max(1, static_cast<int>(std::lround(image.height_px * scale))));
  cv::Mat resized;
  cv::resize(AsMat(image), resized, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return FromMat(resized);
}

}  // namespace inlier
