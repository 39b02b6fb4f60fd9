// The pyramid of BRIEF and ORB and the choice of corners in it: Rublee et al., ICCV 2011, §3. A
// budget of corners is shared among the levels; within a level FAST's score decides, and Harris'
// measure among corners of equal score.
#include "extractor/corner_pyramid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>

#include "extractor/byte_reduction.h"
#include "extractor/corner_measures.h"
#include "extractor/fast_corners.h"

namespace inlier {

namespace {

// The strongest corners by FAST's score, in the order of row and column. Among those whose score is
// just at the cut Harris' measure decides, since dark and plain photos have hundreds of them.
std::vector<FastCorner> Strongest(const BytePlane& plane, std::vector<FastCorner> corners,
                                  std::size_t count) {
  if (corners.size() <= count) return corners;
  std::array<std::size_t, 256> of_score{};
  for (const FastCorner& corner : corners) ++of_score[corner.score];
  std::size_t kept = 0;
  int cut = 255;
  for (; kept + of_score[static_cast<std::size_t>(cut)] < count; --cut)
    kept += of_score[static_cast<std::size_t>(cut)];

  std::erase_if(corners, [cut](const FastCorner& corner) { return corner.score < cut; });
  struct Equal {
    std::int64_t harris;
    std::size_t index;
  };
  std::vector<Equal> equals;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    if (corners[i].score == cut)
      equals.push_back({SumGradients(plane, corners[i].x, corners[i].y).Harris(), i});
  }
  std::ranges::sort(equals, [](const Equal& a, const Equal& b) {
    return std::tie(b.harris, a.index) < std::tie(a.harris, b.index);
  });
  for (std::size_t i = count - kept; i < equals.size(); ++i) corners[equals[i].index].score = 0;
  std::erase_if(corners, [](const FastCorner& corner) { return corner.score == 0; });
  return corners;
}

}  // namespace

float Pyramid::ScaleX(int level) const {
  return static_cast<float>(levels[0].width) /
         static_cast<float>(levels[static_cast<std::size_t>(level)].width);
}

float Pyramid::ScaleY(int level) const {
  return static_cast<float>(levels[0].height) /
         static_cast<float>(levels[static_cast<std::size_t>(level)].height);
}

Pyramid BuildPyramid(const Image& grey, int max_levels, double factor, int min_side_px,
                     Pyramid used) {
  Pyramid pyramid = std::move(used);
  pyramid.levels.resize(static_cast<std::size_t>(max_levels));
  const std::size_t stride = BytePlane::StrideFor(grey.width_px);
  double scale = 1;
  std::size_t count = 0;
  for (; count < pyramid.levels.size(); ++count, scale /= factor) {
    const int width_px = static_cast<int>(std::lround(grey.width_px * scale));
    const int height_px = static_cast<int>(std::lround(grey.height_px * scale));
    if (std::min(width_px, height_px) < min_side_px) break;
    BytePlane& plane = pyramid.levels[count];
    plane.Resize(width_px, height_px, stride);
    if (count == 0) {
      for (int y = 0; y < height_px; ++y) {
        std::copy_n(
            grey.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_px),
            width_px, plane.row(y));
      }
    } else {
      Reduce(pyramid.levels[count - 1], plane);
    }
  }
  pyramid.levels.resize(count);
  return pyramid;
}

std::vector<OrientedCorner> FindOrientedCorners(const Pyramid& pyramid,
                                                const CornerOptions& options) {
  const auto share = [](const BytePlane& plane) {
    return std::sqrt(static_cast<double>(plane.width) * plane.height);
  };
  double shares = 0;
  for (const BytePlane& plane : pyramid.levels) shares += share(plane);
  std::vector<std::vector<FastCorner>> of_level(pyramid.levels.size());
  // From the coarsest level on, so that what it leaves over goes to finer levels, which have more
  // corners.
  int left = options.max_corners;
  for (std::size_t level = pyramid.levels.size(); level-- > 0;) {
    const BytePlane& plane = pyramid.levels[level];
    const auto budget = static_cast<std::size_t>(std::lround(left * share(plane) / shares));
    shares -= share(plane);
    of_level[level] =
        Strongest(plane, FindFastCorners(plane, options.threshold, options.border_px), budget);
    left -= static_cast<int>(of_level[level].size());
  }
  std::vector<OrientedCorner> out;
  out.reserve(static_cast<std::size_t>(options.max_corners - left));
  for (std::size_t level = 0; level < of_level.size(); ++level) {
    const BytePlane& plane = pyramid.levels[level];
    for (const FastCorner& corner : of_level[level]) {
      out.push_back({.level = static_cast<int>(level),
                     .x = corner.x,
                     .y = corner.y,
                     .turn = options.oriented ? CentroidOf(plane, corner.x, corner.y).Turn()
                                              : std::uint8_t{0},
                     .response = static_cast<float>(corner.score)});
    }
  }
  return out;
}

}  // namespace inlier
