#pragma once

#include <opencv2/core.hpp>

namespace inlier {

/// (R − G, B − G) relative to the brightness, which cancels out: two floats a pixel, of a picture
/// with three channels of 8 bits.
cv::Mat Chromaticity(const cv::Mat& bgr);

/// False for the chromaticity of a picture in greys; JPEG leaves it a trace of colour.
bool HasColour(const cv::Mat& chromaticity);

/// How alike the colours of two pictures are, by their chromaticities.
struct ColourMeasures {
  double correlation = 0;  // [-1, 1]
  double shift = 0;        // between the means: a scene's light tints all of it alike
  double error = 0;        // the mean distance once that shift is removed
};

/// Compares two chromaticities of one size where the mask is not 0. All measures are 0 where it is
/// empty.
ColourMeasures CompareColours(const cv::Mat& of_item, const cv::Mat& of_photo, const cv::Mat& mask);

}  // namespace inlier
