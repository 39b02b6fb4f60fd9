#pragma once

#include <opencv2/core.hpp>

namespace inlier {

/// How sharp a photo shows an item: the energy of its gradients relative to its contrast, divided
/// by the same ratio of the item's picture, as the median over the blocks in which both have
/// texture. 1 is as sharp as that picture; sharp photos have .5 to .9, since they were resampled. 1
/// where no block has texture. Both pictures are grey, 8 bits, of the same size and aligned; only
/// blocks of which half lies inside the mask count.
double Sharpness(const cv::Mat& item, const cv::Mat& photo, const cv::Mat& mask);

}  // namespace inlier
