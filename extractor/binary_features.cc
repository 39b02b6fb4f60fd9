// What BRIEF and ORB have in common: a pyramid of reductions of the image (corner_pyramid.h), FAST
// corners on each of its levels (fast_corners.h), an orientation for each corner
// (corner_measures.h), and binary tests on the smoothed levels (binary_tests.h). Calonder et al.,
// ECCV 2010; Rublee et al., ICCV 2011.
#include "extractor/binary_features.h"

#include <algorithm>
#include <functional>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include "extractor/corner_measures.h"
#include "extractor/fast_corners.h"

namespace inlier {

namespace {

// The largest plane that a thread keeps for the next image; all of its planes together are 7 times
// as large.
constexpr std::size_t kKeptBytes = 2 << 20;

// The indices of the corners in an order in which the first n, for any n, are the strongest corners
// of each level, and each level has its share of them. Scores of different levels compare poorly.
std::vector<std::size_t> StrongestFirst(std::span<const OrientedCorner> corners,
                                        std::size_t levels) {
  std::vector<std::vector<std::size_t>> of_level(levels);
  for (std::size_t i = 0; i < corners.size(); ++i)
    of_level[static_cast<std::size_t>(corners[i].level)].push_back(i);
  std::vector<std::pair<double, std::size_t>> order;  // the share of its level that comes before
  for (auto& numbers : of_level) {
    std::ranges::stable_sort(numbers, std::greater<>(),
                             [&corners](std::size_t i) { return corners[i].response; });
    for (std::size_t rank = 0; rank < numbers.size(); ++rank)
      order.emplace_back(static_cast<double>(rank) / static_cast<double>(numbers.size()),
                         numbers[rank]);
  }
  std::ranges::sort(order);
  std::vector<std::size_t> numbers;
  for (const auto& [share, number] : order) numbers.push_back(number);
  return numbers;
}

}  // namespace

Features ExtractBinary(const Image& grey, const BinaryTests& tests, const BinaryOptions& options) {
  Features features{.kind = DescriptorKind::kBits, .descriptor_bytes = kTestRowBytes};
  // Planes are kept from image to image, since fresh pages of memory cost more than the work that
  // is done in them.
  thread_local Pyramid pyramid;
  thread_local std::vector<BytePlane> smoothed;
  pyramid = BuildPyramid(grey, options.levels, options.factor, kPatch_px, std::move(pyramid));
  const std::vector<OrientedCorner> corners = FindOrientedCorners(pyramid, options.corners);
  const std::size_t levels = pyramid.levels.size();
  smoothed.resize(std::max(smoothed.size(), levels));
  for (std::size_t level = 0; level < levels; ++level)
    Smooth(pyramid.levels[level], options.taps, smoothed[level]);
  const std::vector<std::uint8_t> rows = tests.Describe(smoothed, corners);
  features.keypoints.reserve(corners.size());
  features.descriptors.reserve(rows.size());
  constexpr float kStep_rad = 2 * std::numbers::pi_v<float> / kTurns;
  for (const std::size_t number : StrongestFirst(corners, levels)) {
    const OrientedCorner& corner = corners[number];
    const auto row = std::span(rows).subspan(number * kTestRowBytes, kTestRowBytes);
    features.descriptors.insert(features.descriptors.end(), row.begin(), row.end());
    const bool bright =
        IsBrightCorner(pyramid.levels[static_cast<std::size_t>(corner.level)], corner.x, corner.y);
    // Resizing keeps the outer edges of the border pixels in place, not their centres.
    const float scale_x = pyramid.ScaleX(corner.level), scale_y = pyramid.ScaleY(corner.level);
    features.keypoints.push_back({.point = {(static_cast<float>(corner.x) + 0.5f) * scale_x - 0.5f,
                                            (static_cast<float>(corner.y) + 0.5f) * scale_y - 0.5f},
                                  .size_px = kPatch_px * scale_x,
                                  .angle_rad = static_cast<float>(corner.turn) * kStep_rad,
                                  .response = bright ? -corner.response : corner.response});
  }
  if (levels > 0 && pyramid.levels[0].capacity_bytes > kKeptBytes) {
    pyramid = {};
    smoothed.clear();
  }
  return features;
}

}  // namespace inlier
