#include "core/image.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/decode/bad_image.h"
#include "core/mat.h"

namespace inlier {
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
    return Bad(fmt::format("{} bytes, more than the limit of {}", size, max_bytes),
               BadImage::kTooLarge);
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  in.seekg(0);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), size)) {
    return Fail(ErrorCode::kIo, "cannot be read to the end");
  }
  return bytes;
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
