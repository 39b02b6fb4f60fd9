#pragma once

#include <opencv2/core.hpp>

namespace inlier {

/// Where the texture of an item agrees with the photo but its colours do not.
struct DifferentColours {
  double share = 0;  // of the part of the item that is compared, [0, 1]
  cv::Rect largest;  // around the largest connected part that differs, in pixels; else empty
};

/// Siblings of one brand agree in logo and layout and differ in the colour of a fruit or a band. A
/// tint of the light does not count.
///
/// `item` and `seen` have 8 bits and three channels: the item's picture, and the photo warped onto
/// it. `agreeing`: not 0 in the blocks that correlate. `mask`: not 0 where the item is seen. All
/// have the same size, about 96 px. Nothing differs when nothing agrees.
DifferentColours ColourDifference(const cv::Mat& item, const cv::Mat& seen, const cv::Mat& agreeing,
                                  const cv::Mat& mask);

}  // namespace inlier
