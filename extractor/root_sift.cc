#include "extractor/root_sift.h"

#include <algorithm>
#include <cmath>

namespace inlier {

void ToRootSift(std::array<float, kSiftDims> histogram, std::uint8_t* out) {
  float squares = 0;
  for (const float h : histogram) squares += h * h;
  const float cap = 0.2f * std::sqrt(squares);
  float sum = 0;
  for (float& h : histogram) {
    h = std::min(h, cap);
    sum += h;
  }
  const float scale = sum > 0 ? 1 / sum : 0;  // the second normalisation cancels in the L1 norm
  for (int i = 0; i < static_cast<int>(kSiftDims); ++i) {
    const float value =
        std::sqrt(histogram[static_cast<std::size_t>(i)] * scale) * kRootSiftScale + 0.5f;
    out[i] = static_cast<std::uint8_t>(std::min(value, 255.0f));
  }
}

}  // namespace inlier
