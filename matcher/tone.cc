#include "matcher/tone.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace inlier {
namespace {

constexpr double kPlain = 2;  // grey levels of spread in a channel that tells nothing of its tone

}  // namespace

std::optional<Tone> FitTone(std::span<const float> from, std::span<const float> to) {
  // One pass, since a hit fits a dozen tones to pictures that are so small that calls cost most.
  double sum_from = 0, sum_to = 0, squares = 0, products = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double x = from[i], z = to[i];
    sum_from += x;
    sum_to += z;
    squares += x * x;
    products += x * z;
  }
  if (from.empty()) return std::nullopt;
  const auto n = static_cast<double>(from.size());
  const double mean_from = sum_from / n, mean_to = sum_to / n;
  const double variance = squares / n - mean_from * mean_from;
  if (variance < kPlain * kPlain) return std::nullopt;
  const double gain = (products / n - mean_from * mean_to) / variance;
  return Tone{gain, mean_to - gain * mean_from};
}

std::optional<Tone> FitTone(const cv::Mat& from, const cv::Mat& to, const cv::Mat& mask) {
  std::vector<float> x, z;
  for (int row = 0; row < from.rows; ++row) {
    for (int column = 0; column < from.cols; ++column) {
      if (mask.at<std::uint8_t>(row, column) == 0) continue;
      x.push_back(from.at<float>(row, column));
      z.push_back(to.at<float>(row, column));
    }
  }
  return FitTone(x, z);
}

}  // namespace inlier
