#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "deep/onnx_model.h"

namespace inlier {

/// The side of the square of pixels that one place of XFeat's maps describes.
inline constexpr int kXfeatCell_px = 8;
/// The numbers of a descriptor.
inline constexpr std::size_t kXfeatDims = 64;

/// What XFeat says about an image: cells of 8 x 8 px, row by row.
struct XfeatMaps {
  int rows = 0, columns = 0;       // of cells
  std::vector<float> probability;  // of a keypoint at each pixel: 8 rows × 8 columns
  std::vector<float> reliability;  // rows × columns
  std::vector<float> descriptors;  // rows × columns × kXfeatDims, each of unit length

  int width_px() const { return columns * kXfeatCell_px; }
  int height_px() const { return rows * kXfeatCell_px; }
};

/// A pixel at which a keypoint is more likely than around it.
struct XfeatPeak {
  int x_px = 0, y_px = 0;
  float score = 0;  // the probability times the reliability there
};

/// Takes the outputs of the network, each 1 × channels × rows × columns: 64 channels of
/// descriptors, 65 logits (of the cell's 64 pixels, row by row, and of none of them), and 1 of
/// reliability. A cell that has no pixel with a probability of at least `least` gets zeros.
XfeatMaps MakeXfeatMaps(const Tensor& descriptors, const Tensor& logits, const Tensor& reliability,
                        float least);

/// The pixels with a probability above `threshold` that no pixel up to 2 px away in x and y
/// surpasses, row by row. Of equal ones the first is taken.
std::vector<XfeatPeak> FindXfeatPeaks(const XfeatMaps& maps, float threshold);

/// Writes the descriptor at a pixel to `out`: interpolated by cubics between the cells (Keys, 1981,
/// with a = -0.75), those at the border repeated, and brought to unit length.
void SampleXfeatDescriptor(const XfeatMaps& maps, int x_px, int y_px,
                           std::span<float, kXfeatDims> out);

}  // namespace inlier
