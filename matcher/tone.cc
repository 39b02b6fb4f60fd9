#include "matcher/tone.h"

#include <cstdint>

namespace inlier {
namespace {

constexpr double kPlain = 2;  // grey levels of spread in a channel that tells nothing of its tone

}  // namespace

std::optional<Tone> FitTone(const cv::Mat& from, const cv::Mat& to, const cv::Mat& mask) {
  // One pass, since a hit fits a dozen tones to pictures that are so small that the calls cost
  // most.
  double n = 0, sum_from = 0, sum_to = 0, squares = 0, products = 0;
  for (int y = 0; y < from.rows; ++y) {
    const auto *x = from.ptr<float>(y), *z = to.ptr<float>(y);
    const auto* counts = mask.ptr<std::uint8_t>(y);
    for (int i = 0; i < from.cols; ++i) {
      if (counts[i] == 0) continue;
      n += 1;
      sum_from += x[i];
      sum_to += z[i];
      squares += static_cast<double>(x[i]) * x[i];
      products += static_cast<double>(x[i]) * z[i];
    }
  }
  if (n == 0) return std::nullopt;
  const double mean_from = sum_from / n, mean_to = sum_to / n;
  const double variance = squares / n - mean_from * mean_from;
  if (variance < kPlain * kPlain) return std::nullopt;
  const double gain = (products / n - mean_from * mean_to) / variance;
  return Tone{gain, mean_to - gain * mean_from};
}

}  // namespace inlier
