#include "matcher/chromaticity.h"

#include <cmath>
#include <cstdint>

#include "matcher/moments.h"

namespace inlier {
namespace {

constexpr double kColourless = 2e-3;  // variance, so that a grey wall does not correlate
constexpr double kGrey = 0.02;        // root mean square of a grey picture

}  // namespace

cv::Mat Chromaticity(const cv::Mat& bgr) {
  cv::Mat out(bgr.size(), CV_32FC2);
  for (int y = 0; y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const auto& p = bgr.at<cv::Vec3b>(y, x);
      const float sum = static_cast<float>(p[0] + p[1] + p[2]) + 60.0f;
      out.at<cv::Vec2f>(y, x) = {3 * static_cast<float>(p[2] - p[1]) / sum,
                                 3 * static_cast<float>(p[0] - p[1]) / sum};
    }
  }
  return out;
}

bool HasColour(const cv::Mat& chromaticity) {
  return cv::norm(chromaticity) > kGrey * std::sqrt(static_cast<double>(chromaticity.total()));
}

ColourMeasures CompareColours(const cv::Mat& of_item, const cv::Mat& of_photo,
                              const cv::Mat& mask) {
  Moments red, blue;
  const auto each = [&](auto&& visit) {
    for (int y = 0; y < of_item.rows; ++y) {
      for (int x = 0; x < of_item.cols; ++x) {
        if (mask.at<std::uint8_t>(y, x) != 0)
          visit(of_item.at<cv::Vec2f>(y, x), of_photo.at<cv::Vec2f>(y, x));
      }
    }
  };
  each([&](const cv::Vec2f& p, const cv::Vec2f& q) {
    red.Add(p[0], q[0]);
    blue.Add(p[1], q[1]);
  });
  if (red.n == 0) return {};
  const double dr = (red.b - red.a) / red.n, db = (blue.b - blue.a) / blue.n;
  double error = 0;
  each([&](const cv::Vec2f& p, const cv::Vec2f& q) {
    error += std::hypot(q[0] - p[0] - dr, q[1] - p[1] - db);
  });
  const double covariance = red.Covariance() + blue.Covariance();
  return {.correlation = covariance / std::sqrt((red.VarianceA() + blue.VarianceA() + kColourless) *
                                                (red.VarianceB() + blue.VarianceB() + kColourless)),
          .shift = std::hypot(dr, db),
          .error = error / red.n};
}

}  // namespace inlier
