#include "matcher/tone.h"

#include <cstddef>
#include <cstdint>

namespace inlier {
namespace {

constexpr double kPlain = 2;  // grey levels of spread in a channel that says nothing about its tone

}  // namespace

PixelPairs PairsWithin(const cv::Mat& from, const cv::Mat& to, const cv::Mat& mask) {
  PixelPairs pairs;
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (mask.at<std::uint8_t>(y, x) == 0) continue;
      pairs.from.push_back(from.at<float>(y, x));
      pairs.to.push_back(to.at<float>(y, x));
    }
  }
  return pairs;
}

std::optional<Tone> FitTone(const PixelPairs& pairs) {
  // One pass, since each hit fits a dozen tones, to pictures so small that the calls cost most.
  double sum_from = 0, sum_to = 0, squares = 0, products = 0;
  for (std::size_t i = 0; i < pairs.from.size(); ++i) {
    const double x = pairs.from[i], z = pairs.to[i];
    sum_from += x;
    sum_to += z;
    squares += x * x;
    products += x * z;
  }
  if (pairs.from.empty()) return std::nullopt;
  const auto n = static_cast<double>(pairs.from.size());
  const double mean_from = sum_from / n, mean_to = sum_to / n;
  const double variance = squares / n - mean_from * mean_from;
  if (variance < kPlain * kPlain) return std::nullopt;
  const double gain = (products / n - mean_from * mean_to) / variance;
  return Tone{gain, mean_to - gain * mean_from};
}

}  // namespace inlier
