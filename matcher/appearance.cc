#include "matcher/appearance.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace inlier {
namespace {

constexpr int kBlock = 8;
constexpr int kStride = 4;
constexpr float kFlat = 4.0f;         // grey levels; blocks with less contrast say nothing
constexpr float kAlike = 0.5f;        // correlation from which a block agrees
constexpr float kBackground = 14.0f;  // grey levels from a plain border's colour

// Brightness cancels out, so shade and exposure do not count as colour.
cv::Mat Chromaticity(const cv::Mat& bgr) {
  cv::Mat out(bgr.size(), CV_32FC2);
  for (int y = 0; y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const auto p = bgr.at<cv::Vec3b>(y, x);
      const float sum = static_cast<float>(p[0] + p[1] + p[2]) + 60.0f;
      out.at<cv::Vec2f>(y, x) = {3 * static_cast<float>(p[2] - p[1]) / sum,
                                 3 * static_cast<float>(p[0] - p[1]) / sum};
    }
  }
  return out;
}

// 255 where the preview shows the item, 0 on a plain backdrop (pack shots stand on white).
cv::Mat Foreground(const cv::Mat& preview) {
  cv::Mat mask(preview.size(), CV_8U, cv::Scalar(255));
  std::vector<cv::Vec3b> border;
  for (int x = 0; x < preview.cols; ++x) {
    border.push_back(preview.at<cv::Vec3b>(0, x));
    border.push_back(preview.at<cv::Vec3b>(preview.rows - 1, x));
  }
  for (int y = 0; y < preview.rows; ++y) {
    border.push_back(preview.at<cv::Vec3b>(y, 0));
    border.push_back(preview.at<cv::Vec3b>(y, preview.cols - 1));
  }
  cv::Vec3f backdrop;
  for (int c = 0; c < 3; ++c) {
    std::vector<std::uint8_t> values;
    for (const auto& p : border) values.push_back(p[c]);
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    backdrop[c] = values[values.size() / 2];
  }
  const auto is_backdrop = [&backdrop](const cv::Vec3b& p) {
    return cv::norm(cv::Vec3f(p) - backdrop, cv::NORM_INF) < kBackground;
  };
  const auto plain = std::count_if(border.begin(), border.end(), is_backdrop);
  if (plain * 10 < static_cast<std::ptrdiff_t>(border.size()) * 8) return mask;
  for (int y = 0; y < preview.rows; ++y) {
    for (int x = 0; x < preview.cols; ++x) {
      if (is_backdrop(preview.at<cv::Vec3b>(y, x))) mask.at<std::uint8_t>(y, x) = 0;
    }
  }
  // A product that is as white as its backdrop would vanish.
  if (cv::countNonZero(mask) * 20 < preview.rows * preview.cols) mask = 255;
  return mask;
}

struct Moments {
  double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
  void Add(double x, double y) { n += 1, a += x, b += y, aa += x * x, bb += y * y, ab += x * y; }
  double Covariance() const { return ab / n - a / n * b / n; }
  double VarianceA() const { return std::max(0.0, aa / n - a / n * a / n); }
  double VarianceB() const { return std::max(0.0, bb / n - b / n * b / n); }
};

}  // namespace

struct PhotoAppearance::State {
  std::vector<cv::Mat>
      pyramid;  // BGR, each half the size of the one before; the first is the photo itself
};

PhotoAppearance::PhotoAppearance(const Image& photo) : state_(new State) {
  cv::Mat level(photo.height_px, photo.width_px, CV_8UC(photo.channels),
                const_cast<std::uint8_t*>(photo.pixels.data()));
  if (photo.channels == 1) cv::cvtColor(level, level, cv::COLOR_GRAY2BGR);
  state_->pyramid.push_back(level);
  while (std::min(level.rows, level.cols) >= 32) {
    cv::Mat half;
    cv::resize(level, half, {}, 0.5, 0.5, cv::INTER_AREA);
    state_->pyramid.push_back(half);
    level = half;
  }
}
PhotoAppearance::~PhotoAppearance() = default;

Appearance PhotoAppearance::Compare(const Image& preview, double item_width_px,
                                    double item_height_px,
                                    const Homography& photo_from_item) const {
  Appearance out;
  if (preview.empty() || preview.channels != 3) return out;
  const cv::Mat item(preview.height_px, preview.width_px, CV_8UC3,
                     const_cast<std::uint8_t*>(preview.pixels.data()));
  const double sx = item_width_px / preview.width_px, sy = item_height_px / preview.height_px;
  const cv::Matx33d item_from_preview(sx, 0, 0.5 * sx - 0.5, 0, sy, 0.5 * sy - 0.5, 0, 0, 1);
  const cv::Matx33d h(photo_from_item.data());
  // The level at which one pixel of the preview is about one of the photo.
  const Point a = Transform(photo_from_item, {0, 0});
  const Point b = Transform(
      photo_from_item, {static_cast<float>(item_width_px), static_cast<float>(item_height_px)});
  const double step = std::hypot(b.x_px - a.x_px, b.y_px - a.y_px) /
                      std::hypot(preview.width_px, preview.height_px);
  const int level = std::clamp(static_cast<int>(std::lround(std::log2(std::max(step, 1.0)))), 0,
                               static_cast<int>(state_->pyramid.size()) - 1);
  const double f = 1.0 / (1 << level);
  const cv::Matx33d level_from_photo(f, 0, 0.5 * f - 0.5, 0, f, 0.5 * f - 0.5, 0, 0, 1);
  const cv::Matx33d map = level_from_photo * h * item_from_preview;
  const cv::Mat& source = state_->pyramid[static_cast<std::size_t>(level)];
  cv::Mat seen, inside;
  cv::warpPerspective(source, seen, map, item.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                      cv::BORDER_REPLICATE);
  cv::warpPerspective(cv::Mat(source.size(), CV_8U, cv::Scalar(255)), inside, map, item.size(),
                      cv::INTER_NEAREST | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT, cv::Scalar(0));
  out.visible = static_cast<double>(cv::countNonZero(inside)) / static_cast<double>(inside.total());
  const cv::Mat mask = Foreground(item) & inside;

  cv::Mat grey_item, grey_seen;
  cv::cvtColor(item, grey_item, cv::COLOR_BGR2GRAY);
  cv::cvtColor(seen, grey_seen, cv::COLOR_BGR2GRAY);
  double weights = 0, agreeing = 0, correlation = 0;
  for (int y = 0; y + kBlock <= item.rows; y += kStride) {
    for (int x = 0; x + kBlock <= item.cols; x += kStride) {
      Moments m;
      int masked = 0;
      for (int v = y; v < y + kBlock; ++v) {
        for (int u = x; u < x + kBlock; ++u) {
          m.Add(grey_item.at<std::uint8_t>(v, u), grey_seen.at<std::uint8_t>(v, u));
          masked += mask.at<std::uint8_t>(v, u) != 0;
        }
      }
      const double contrast = std::sqrt(m.VarianceA());
      if (contrast < kFlat || masked * 2 < kBlock * kBlock) continue;
      // The photo's noise floor keeps a blank wall from correlating by chance.
      const double ncc = m.Covariance() / (contrast * std::sqrt(m.VarianceB() + 4.0));
      const double weight = std::min(contrast, 40.0);
      weights += weight;
      correlation += weight * ncc;
      agreeing += ncc > kAlike ? weight : 0;
    }
  }
  if (weights > 0) {
    out.correlation = correlation / weights;
    out.agreement = agreeing / weights;
  }

  const cv::Mat chroma_item = Chromaticity(item), chroma_seen = Chromaticity(seen);
  Moments red, blue;
  for (int y = 0; y < item.rows; ++y) {
    for (int x = 0; x < item.cols; ++x) {
      if (mask.at<std::uint8_t>(y, x) == 0) continue;
      const auto p = chroma_item.at<cv::Vec2f>(y, x), q = chroma_seen.at<cv::Vec2f>(y, x);
      red.Add(p[0], q[0]);
      blue.Add(p[1], q[1]);
    }
  }
  if (red.n > 0) {
    const double dr = (red.b - red.a) / red.n, db = (blue.b - blue.a) / blue.n;
    out.colour_shift = std::hypot(dr, db);
    constexpr double kFloor = 2e-3;  // variance of an item without colours
    out.colour = (red.Covariance() + blue.Covariance()) /
                 std::sqrt((red.VarianceA() + blue.VarianceA() + kFloor) *
                           (red.VarianceB() + blue.VarianceB() + kFloor));
    double error = 0;
    for (int y = 0; y < item.rows; ++y) {
      for (int x = 0; x < item.cols; ++x) {
        if (mask.at<std::uint8_t>(y, x) == 0) continue;
        const auto p = chroma_item.at<cv::Vec2f>(y, x), q = chroma_seen.at<cv::Vec2f>(y, x);
        error += std::hypot(q[0] - p[0] - dr, q[1] - p[1] - db);
      }
    }
    out.colour_error = error / red.n;
  }
  return out;
}

}  // namespace inlier
