#include "bench/pictures.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "core/file.h"
#include "core/mat.h"

namespace inlier {
namespace {

constexpr int kQuality = 80;
const cv::Scalar kOutline(0, 212, 255), kCasing(0, 0, 0);

}  // namespace

Image ReducedTo(const Image& image, int side_px) {
  return std::max(image.width_px, image.height_px) > side_px ? ResizeLongSide(image, side_px)
                                                             : image;
}

Image WithOutlines(const Image& photo, std::span<const std::vector<Point>> outlines, int side_px) {
  Image drawn = ReducedTo(photo, side_px);
  const double scale = static_cast<double>(std::max(drawn.width_px, drawn.height_px)) /
                       std::max(photo.width_px, photo.height_px);
  cv::Mat canvas = AsMat(drawn);
  for (const auto& outline : outlines) {
    std::vector<cv::Point> corners;
    for (const Point& p : outline)
      corners.emplace_back(static_cast<int>(std::lround(p.x_px * scale)),
                           static_cast<int>(std::lround(p.y_px * scale)));
    cv::polylines(canvas, corners, true, kCasing, 3, cv::LINE_AA);
    cv::polylines(canvas, corners, true, kOutline, 1, cv::LINE_AA);
  }
  return drawn;
}

Status WritePicture(const std::filesystem::path& path, const Image& picture) {
  const auto bytes = EncodeJpeg(picture, kQuality);
  return PublishFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace inlier
