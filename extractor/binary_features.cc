#include "extractor/binary_features.h"

#include <numbers>

#include "extractor/corner_measures.h"
#include "extractor/fast_corners.h"

namespace inlier {

Features ExtractBinary(const Image& grey, const BinaryTests& tests, const BinaryOptions& options) {
  Features features{.kind = DescriptorKind::kBits, .descriptor_bytes = kTestRowBytes};
  const Pyramid pyramid = BuildPyramid(grey, options.levels, options.factor, kPatch_px);
  const std::vector<OrientedCorner> corners = FindOrientedCorners(pyramid, options.corners);
  std::vector<BytePlane> smoothed;
  smoothed.reserve(pyramid.levels.size());
  for (const BytePlane& plane : pyramid.levels) smoothed.push_back(Smooth(plane, options.taps));
  features.descriptors = tests.Describe(smoothed, corners);
  features.keypoints.reserve(corners.size());
  constexpr float kStep_rad = 2 * std::numbers::pi_v<float> / kTurns;
  for (const OrientedCorner& corner : corners) {
    // Reducing keeps the outer edges of the border pixels in place, not their centres.
    const bool bright = IsBrightCorner(pyramid.levels[static_cast<std::size_t>(corner.level)], corner.x, corner.y);
    const float scale_x = pyramid.ScaleX(corner.level), scale_y = pyramid.ScaleY(corner.level);
    features.keypoints.push_back({.point = {(static_cast<float>(corner.x) + 0.5f) * scale_x - 0.5f,
                                            (static_cast<float>(corner.y) + 0.5f) * scale_y - 0.5f},
                                  .size_px = kPatch_px * scale_x,
                                  .angle_rad = static_cast<float>(corner.turn) * kStep_rad,
                                  .response = bright ? -corner.response : corner.response});
  }
  return features;
}

}  // namespace inlier
