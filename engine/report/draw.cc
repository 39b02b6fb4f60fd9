#include "engine/report/draw.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/core.h>
#include <opencv2/imgproc.hpp>

#include "core/file.h"
#include "core/image.h"
#include "core/mat.h"
#include "core/result.h"

namespace inlier {
namespace {

constexpr int kSide_px = 900;
constexpr int kGap_px = 12;
constexpr int kJpegQuality = 92;
const cv::Scalar kPaper(255, 255, 255);
const cv::Scalar kOutline(0, 212, 255);
const cv::Scalar kCasing(0, 0, 0);

// One of the two pictures within the drawing. A point (x, y) of the original is drawn at
// (left_px + scale x, scale y).
struct Panel {
  cv::Mat pixels;
  double scale = 1;
  int left_px = 0;

  Panel(const Image& image, int left) : left_px(left) {
    const int side = std::max(image.width_px, image.height_px);
    scale = static_cast<double>(std::min(side, kSide_px)) / side;
    const cv::Size size(std::max(1, static_cast<int>(std::lround(image.width_px * scale))),
                        std::max(1, static_cast<int>(std::lround(image.height_px * scale))));
    cv::resize(AsMat(image), pixels, size, 0, 0, cv::INTER_AREA);
    if (pixels.channels() == 1) cv::cvtColor(pixels, pixels, cv::COLOR_GRAY2BGR);
  }
  cv::Point At(const Point& p) const {
    return {left_px + static_cast<int>(std::lround(p.x_px * scale)),
            static_cast<int>(std::lround(p.y_px * scale))};
  }
};

// The hues go once around the colour circle, so that lines that cross can be told apart.
cv::Scalar LineColour(std::size_t i, std::size_t count) {
  const double hue = 2 * M_PI * static_cast<double>(i) / static_cast<double>(count);
  const auto part = [hue](double turn) { return 140 + 115 * std::cos(hue - turn); };
  return {part(4 * M_PI / 3), part(2 * M_PI / 3), part(0)};
}

void DrawOutline(cv::Mat& photo, const Panel& panel, const std::array<Point, 4>& polygon) {
  std::vector<cv::Point> corners;
  corners.reserve(polygon.size());
  for (const Point& p : polygon) corners.push_back(panel.At(p));
  cv::polylines(photo, corners, true, kCasing, 6, cv::LINE_AA);
  cv::polylines(photo, corners, true, kOutline, 3, cv::LINE_AA);
}

}  // namespace

Image DrawMatch(const Image& photo, const Image& item, const std::optional<Hit>& hit) {
  const Panel left(photo, 0);
  const Panel right(item, left.pixels.cols + kGap_px);
  Image drawing{.width_px = right.left_px + right.pixels.cols,
                .height_px = std::max(left.pixels.rows, right.pixels.rows),
                .channels = 3};
  drawing.pixels.resize(static_cast<std::size_t>(drawing.width_px) *
                        static_cast<std::size_t>(drawing.height_px) * 3);
  cv::Mat canvas = AsMat(drawing);
  canvas.setTo(kPaper);
  cv::Mat photo_part = canvas(cv::Rect(0, 0, left.pixels.cols, left.pixels.rows));
  left.pixels.copyTo(photo_part);
  right.pixels.copyTo(canvas(cv::Rect(right.left_px, 0, right.pixels.cols, right.pixels.rows)));
  if (!hit) return drawing;
  // The outline is drawn into the photo's part of the canvas, so that one that leaves the photo
  // does not run across the item.
  if (hit->polygon) DrawOutline(photo_part, left, *hit->polygon);
  for (std::size_t i = 0; i < hit->matches.size(); ++i) {
    const cv::Scalar colour = LineColour(i, hit->matches.size());
    const cv::Point from = left.At(hit->matches[i].photo), to = right.At(hit->matches[i].item);
    cv::line(canvas, from, to, colour, 1, cv::LINE_AA);
    for (const cv::Point& end : {from, to}) cv::circle(canvas, end, 3, colour, 1, cv::LINE_AA);
  }
  return drawing;
}

Status CheckDrawingName(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".png" || extension == ".jpg" || extension == ".jpeg") return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}': a drawing's name ends in .png, .jpg or .jpeg", path.string()));
}

Status WriteDrawing(const std::filesystem::path& path, const Image& drawing) {
  INLIER_RETURN_IF_ERROR(CheckDrawingName(path));
  std::vector<std::uint8_t> bytes;
  if (path.extension() == ".png") {
    INLIER_ASSIGN_OR_RETURN(bytes, EncodePng(drawing));
  } else {
    bytes = EncodeJpeg(drawing, kJpegQuality);
  }
  return PublishFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace inlier
