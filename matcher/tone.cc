#include "matcher/tone.h"

namespace inlier {
namespace {

constexpr double kPlain = 2;  // grey levels of spread in a channel that tells nothing of its tone

}  // namespace

std::optional<Tone> FitTone(const cv::Mat& from, const cv::Mat& to, const cv::Mat& mask) {
  cv::Scalar mean_from, mean_to, spread_from, spread_to;
  cv::meanStdDev(from, mean_from, spread_from, mask);
  cv::meanStdDev(to, mean_to, spread_to, mask);
  if (spread_from[0] < kPlain) return std::nullopt;
  cv::Mat product;
  cv::multiply(from - mean_from, to - mean_to, product);
  const double gain = cv::mean(product, mask)[0] / (spread_from[0] * spread_from[0]);
  return Tone{gain, mean_to[0] - gain * mean_from[0]};
}

}  // namespace inlier
