#pragma once

#include <optional>
#include <span>

#include <opencv2/core.hpp>

namespace inlier {

/// What takes the values of one channel of a picture to those of another picture of the same thing:
/// exposure and white balance are not a property of it.
struct Tone {
  double gain = 1, offset = 0;
};

/// Fits the tone that takes `from` to `to`, which have one size, by least squares. Nothing when
/// `from` is empty or plain.
std::optional<Tone> FitTone(std::span<const float> from, std::span<const float> to);

/// The same over the pixels of the mask. All have the same size and one channel, those of the
/// pictures floats.
std::optional<Tone> FitTone(const cv::Mat& from, const cv::Mat& to, const cv::Mat& mask);

}  // namespace inlier
