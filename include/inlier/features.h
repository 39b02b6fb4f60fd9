#pragma once

#include <array>
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
  /// The strength that the detector gives: the larger its magnitude, the stronger. It is negative
  /// for a spot or corner that is brighter than its surroundings, so that features of the same
  /// place in two pictures agree in the sign.
  float response = 0;
};

/// How two descriptors are compared.
enum class DescriptorKind : std::uint8_t {
  kBytes = 0,  // unsigned bytes, L2 distance (SIFT, SURF: floats quantised to 8 bits)
  kBits = 1,   // packed bits, Hamming distance (ORB, BRIEF)
  /// Directions, compared by their cosine. Byte b stands for the number b − 128, and only the
  /// direction of a row counts, not its length.
  kEmbedding = 2,
};

/// A rectangle in an image. Its sides are the outer edges of the pixels at the border. Since pixel
/// centres are at whole numbers, an image of 4 × 3 pixels reaches from −0.5, −0.5 to 3.5, 2.5.
struct Box {
  float left_px = 0;
  float top_px = 0;
  float right_px = 0;
  float bottom_px = 0;

  float width_px() const { return right_px - left_px; }
  float height_px() const { return bottom_px - top_px; }
};

/// The local features of one image, or the embeddings of its regions. Row i of `descriptors`
/// describes `keypoints[i]`. Method `hybrid` has both.
struct Features {
  DescriptorKind kind = DescriptorKind::kBytes;
  std::uint16_t descriptor_bytes = 0;  // bytes of one row
  std::uint32_t image_width_px = 0;    // of the original
  std::uint32_t image_height_px = 0;
  std::vector<Keypoint> keypoints;        // n
  std::vector<Box> regions;               // n for embeddings, the whole image first; else none
  std::vector<std::uint8_t> descriptors;  // n × descriptor_bytes, row-major
  /// Beside local features: global ones of the same image, a set of embeddings for each space that
  /// they are compared in. These have none of their own.
  std::vector<Features> globals;

  std::size_t size() const { return keypoints.size(); }
  std::span<const std::uint8_t> row(std::size_t i) const {
    return {descriptors.data() + i * descriptor_bytes, descriptor_bytes};
  }
};

/// Feature `photo` of the photo corresponds to feature `item` of the item.
struct FeatureMatch {
  std::uint32_t photo = 0;
  std::uint32_t item = 0;
  float distance = 0;  // L2 for rows of bytes, differing bits for packed bits
  float ratio = 0;     // the distance divided by that of the second nearest; 0 for an exact match
};

/// A 3×3 homography, row-major. `photo_from_item` takes pixels of an item to pixels of a photo.
using Homography = std::array<double, 9>;

/// A model that passed its checks.
struct Geometry {
  Homography photo_from_item{};
  std::array<Point, 4> polygon;       // the item's corners in the photo
  std::vector<FeatureMatch> inliers;  // one-to-one
  int matches = 0;                    // number of one-to-one matches that the model was found in
  double item_coverage = 0;  // share of the item's area with features that has inliers, [0, 1]
  double photo_share = 0;    // inliers divided by the photo's features inside the outline, [0, 1]
  double mean_error_px = 0;  // of the inliers, as if the photo's long side were 800 px
};

}  // namespace inlier
