#pragma once

#include <optional>
#include <vector>

#include <opencv2/core.hpp>

namespace inlier {

/// What takes the values of one channel of a picture to those of another picture of the same thing:
/// exposure and white balance are not a property of it.
struct Tone {
  double gain = 1, offset = 0;
};

/// The values of one channel at the same pixels of two pictures; both lists have the same length.
struct PixelPairs {
  std::vector<float> from, to;
};

/// The pairs where the mask is not 0. All have the same size and one channel; the pictures are
/// floats.
PixelPairs PairsWithin(const cv::Mat& from, const cv::Mat& to, const cv::Mat& mask);

/// Fits the tone that takes one side of the pairs to the other by least squares. Nothing when there
/// are no pairs or the side that it is taken from is plain.
std::optional<Tone> FitTone(const PixelPairs& pairs);

}  // namespace inlier
