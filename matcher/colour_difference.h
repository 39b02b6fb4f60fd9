#pragma once

#include <opencv2/core.hpp>

namespace inlier {

/// How much of an item has other colours in the photo where its texture agrees, [0, 1]. Siblings of
/// one brand agree in logo and layout and differ in the colour of a fruit or a band. A tint of the
/// light does not count.
///
/// `item` and `seen` have 8 bits and three channels: the item's picture, and the photo warped onto
/// it. `agreeing`: not 0 in the blocks that correlate. `mask`: not 0 where the item is seen. All
/// have the same size, about 96 px. 0 when nothing agrees.
double ColourDifference(const cv::Mat& item, const cv::Mat& seen, const cv::Mat& agreeing,
                        const cv::Mat& mask);

}  // namespace inlier
