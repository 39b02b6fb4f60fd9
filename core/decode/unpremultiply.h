#pragma once

#include <algorithm>
#include <cstdint>

namespace inlier {

/// The colour of a sample that has been multiplied by its alpha; `white` is the largest value of
/// both. Where nothing can be seen, the sample is returned as it is.
inline std::uint32_t Unpremultiplied(std::uint32_t sample, std::uint32_t alpha,
                                     std::uint32_t white) {
  if (alpha == 0 || alpha == white) return sample;
  return std::min(white, (sample * white + alpha / 2) / alpha);
}

}  // namespace inlier
