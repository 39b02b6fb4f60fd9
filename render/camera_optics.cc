#include "render/camera_optics.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "render/draws.h"

namespace inlier {
namespace {

constexpr double kFullWell_electrons = 6000;
constexpr double kReadNoise_electrons = 2;

cv::Mat AsMat(LinearImage& image) {
  return {image.height_px, image.width_px, CV_32FC3, image.bgr.data()};
}

void Convolve(LinearImage& photo, cv::Mat kernel) {
  kernel /= cv::sum(kernel)[0];
  cv::Mat blurred;
  cv::filter2D(AsMat(photo), blurred, -1, kernel, {-1, -1}, 0, cv::BORDER_REFLECT);
  blurred.copyTo(AsMat(photo));
}

constexpr int kQuantiles = 1 << 12;

// Quantiles of the normal distribution in the middles of equally likely parts, by Newton's method
// on the distribution function. Picking one at random is a normal draw without a logarithm.
std::vector<float> NormalQuantiles() {
  std::vector<float> table(kQuantiles);
  for (int i = kQuantiles / 2; i < kQuantiles; ++i) {
    const double p = (i + 0.5) / kQuantiles;
    double z = 0;
    for (int step = 0; step < 60; ++step) {
      const double error = 0.5 * std::erfc(-z / std::numbers::sqrt2) - p;
      z -= error * std::sqrt(2 * std::numbers::pi) * std::exp(z * z / 2);
    }
    table[i] = static_cast<float>(z);
    table[kQuantiles - 1 - i] = static_cast<float>(-z);
  }
  return table;
}

}  // namespace

void BlurMotion(LinearImage& photo, double length_px, double angle_rad) {
  if (length_px <= 0) return;
  const int radius = static_cast<int>(std::ceil(length_px / 2)) + 1;
  cv::Mat kernel(2 * radius + 1, 2 * radius + 1, CV_32F, cv::Scalar(0));
  const int samples = static_cast<int>(std::ceil(length_px * 16));
  for (int i = 0; i < samples; ++i) {
    const double along = length_px * ((i + 0.5) / samples - 0.5);
    const double x = radius + along * std::cos(angle_rad), y = radius + along * std::sin(angle_rad);
    const int left = static_cast<int>(x), top = static_cast<int>(y);
    const double fx = x - left, fy = y - top;
    kernel.at<float>(top, left) += static_cast<float>((1 - fx) * (1 - fy));
    kernel.at<float>(top, left + 1) += static_cast<float>(fx * (1 - fy));
    kernel.at<float>(top + 1, left) += static_cast<float>((1 - fx) * fy);
    kernel.at<float>(top + 1, left + 1) += static_cast<float>(fx * fy);
  }
  Convolve(photo, kernel);
}

void BlurFocus(LinearImage& photo, double diameter_px) {
  if (diameter_px <= 0) return;
  constexpr int kSub = 8;  // samples along each axis of a pixel
  const int radius = static_cast<int>(std::ceil(diameter_px / 2));
  cv::Mat kernel(2 * radius + 1, 2 * radius + 1, CV_32F, cv::Scalar(0));
  for (int y = 0; y < kernel.rows * kSub; ++y) {
    for (int x = 0; x < kernel.cols * kSub; ++x) {
      const double dx = (x + 0.5) / kSub - 0.5 - radius, dy = (y + 0.5) / kSub - 0.5 - radius;
      if (std::hypot(dx, dy) <= diameter_px / 2) kernel.at<float>(y / kSub, x / kSub) += 1;
    }
  }
  Convolve(photo, kernel);
}

void Expose(LinearImage& photo, double gain, std::uint64_t seed) {
  static const std::vector<float> quantiles = NormalQuantiles();
  const auto white = static_cast<float>(kFullWell_electrons / gain);
  const auto read = static_cast<float>(kReadNoise_electrons);
  const std::size_t row_values = static_cast<std::size_t>(photo.width_px) * 3;
  for (int y = 0; y < photo.height_px; ++y) {
    Draws draws(seed, "sensor", static_cast<std::uint64_t>(y));
    float* row = photo.bgr.data() + static_cast<std::size_t>(y) * row_values;
    for (std::size_t i = 0; i < row_values; i += 2) {
      std::uint64_t bits = draws.Bits();
      for (std::size_t j = i; j < std::min(i + 2, row_values); ++j, bits >>= 24) {
        const float shot = quantiles[bits % kQuantiles],
                    noise = quantiles[(bits >> 12) % kQuantiles];
        // The square root of a Poisson variable is nearly normal with a standard deviation of 1/2
        // (Bartlett, 1936).
        const float root = std::sqrt(std::max(row[j], 0.0f) * white) + shot / 2;
        const float electrons = root * root - 0.25f + read * noise;
        row[j] = std::min(electrons / white, 1.0f);
      }
    }
  }
}

}  // namespace inlier
