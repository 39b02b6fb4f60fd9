#include "matcher/sharpness.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace inlier {
namespace {

constexpr int kBlock_px = 8;
constexpr double kFlatItem = 16, kFlatPhoto = 4;  // variances, grey levels squared

// The sum of squared differences to the next pixel and to the one below, over the variance: of a
// blurred block this falls with the square of the blur, and light and contrast cancel out.
struct BlockDetail {
  double variance = 0, relative_gradient = 0;
};

BlockDetail DetailOf(const cv::Mat& grey, int left, int top) {
  double sum = 0, squares = 0, gradient = 0;
  for (int y = top; y < top + kBlock_px; ++y) {
    const auto *row = grey.ptr<std::uint8_t>(y), *below = grey.ptr<std::uint8_t>(y + 1);
    for (int x = left; x < left + kBlock_px; ++x) {
      const double here = row[x], right = row[x + 1] - here, down = below[x] - here;
      sum += here;
      squares += here * here;
      gradient += right * right + down * down;
    }
  }
  constexpr double kPixels = kBlock_px * kBlock_px;
  const double variance = squares / kPixels - sum / kPixels * sum / kPixels;
  return {variance, variance > 0 ? gradient / variance : 0};
}

}  // namespace

double Sharpness(const cv::Mat& item, const cv::Mat& photo, const cv::Mat& mask) {
  std::vector<double> ratios;
  for (int top = 0; top + kBlock_px < item.rows; top += kBlock_px) {
    for (int left = 0; left + kBlock_px < item.cols; left += kBlock_px) {
      const cv::Rect block(left, top, kBlock_px, kBlock_px);
      if (2 * cv::countNonZero(mask(block)) < block.area()) continue;
      const BlockDetail of_item = DetailOf(item, left, top), of_photo = DetailOf(photo, left, top);
      if (of_item.variance < kFlatItem || of_photo.variance < kFlatPhoto) continue;
      ratios.push_back(of_photo.relative_gradient / of_item.relative_gradient);
    }
  }
  if (ratios.empty()) return 1;
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::ranges::nth_element(ratios, middle);
  return *middle;
}

}  // namespace inlier
