#pragma once

#include <cstdint>

#include <opencv2/core/mat.hpp>

#include "inlier/image.h"

namespace inlier {

/// The pixels of `image` as OpenCV sees them, without a copy: the image must outlive the matrix and
/// keep its size. OpenCV has no matrix of constant pixels, so a caller who may not change the image
/// must not write to the matrix either.
inline cv::Mat AsMat(const Image& image) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): see above
  auto* const pixels = const_cast<std::uint8_t*>(image.pixels.data());
  return {image.height_px, image.width_px, CV_8UC(image.channels), pixels};
}

/// A copy of the pixels of an 8-bit matrix of 1 or 3 channels.
inline Image FromMat(const cv::Mat& mat) {
  Image image{.width_px = mat.cols, .height_px = mat.rows, .channels = mat.channels()};
  image.pixels.resize(mat.total() * mat.elemSize());
  mat.copyTo(AsMat(image));
  return image;
}

}  // namespace inlier
