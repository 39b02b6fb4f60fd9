#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "inlier/image.h"

namespace inlier {

/// An oriented, scaled keypoint, in pixels of the original image.
struct Keypoint {
  Point point;
  float size_px = 0;    // diameter of the meaningful neighbourhood
  float angle_rad = 0;  // orientation, in [0, 2π), clockwise with y down
  /// Detector strength; the larger its magnitude the stronger. Negative for a spot or corner that
  /// is brighter than its surroundings: features of one place agree in the sign.
  float response = 0;
};

/// How two descriptors are compared.
enum class DescriptorKind : std::uint8_t {
  kBytes = 0,  // unsigned bytes, L2 distance (SIFT, SURF: floats quantised to 8 bits)
  kBits = 1,   // packed bits, Hamming distance (ORB, BRIEF)
  /// Directions, compared by their cosine: byte b stands for b − 128, and a row's length means
  /// nothing.
  kEmbedding = 2,
};

/// A rectangle in an image, from the outer edge of its first to that of its last pixels: pixel
/// centres are at whole numbers, so the whole of a 4 × 3 image is −0.5, −0.5, 3.5, 2.5.
struct Box {
  float left_px = 0;
  float top_px = 0;
  float right_px = 0;
  float bottom_px = 0;

  float width_px() const { return right_px - left_px; }
  float height_px() const { return bottom_px - top_px; }
};

/// All of an image, as a box.
Box WholeImage(const Image& image);

/// The local features of one image, or the embeddings of its regions. Row i of `descriptors`
/// belongs to `keypoints[i]`.
struct Features {
  DescriptorKind kind = DescriptorKind::kBytes;
  std::uint16_t descriptor_bytes = 0;  // bytes of one row
  std::uint32_t image_width_px = 0;    // of the original
  std::uint32_t image_height_px = 0;
  std::vector<Keypoint> keypoints;        // n
  std::vector<Box> regions;               // n for embeddings, the whole image first; else none
  std::vector<std::uint8_t> descriptors;  // n × descriptor_bytes, row-major

  std::size_t size() const { return keypoints.size(); }
  std::span<const std::uint8_t> row(std::size_t i) const {
    return {descriptors.data() + i * descriptor_bytes, descriptor_bytes};
  }
};

/// Bytes of an embedding: the largest magnitude becomes 127, so that directions keep all that 8
/// bits can hold. `out`: as many bytes as values.
void QuantiseDirection(std::span<const float> values, std::uint8_t* out);

/// The values that the bytes stand for, scaled to unit length; zeros where all are 128.
void UnitDirection(std::span<const std::uint8_t> row, float* out);

}  // namespace inlier
