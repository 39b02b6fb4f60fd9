#include "extractor/corner_pyramid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include <opencv2/imgproc.hpp>

#include "extractor/corner_measures.h"
#include "extractor/fast_corners.h"

namespace inlier {

namespace {

// FAST's score ranks poorly, but well enough for twice as many to hold the best by Harris.
constexpr int kCandidates = 2;

cv::Mat AsMat(const BytePlane& plane) {
  return {plane.height, plane.width, CV_8UC1, plane.data.get(), plane.stride};
}

// Of the strongest FAST corners, at least `count`: of equal scores all or none.
void KeepStrongest(std::vector<FastCorner>& corners, std::size_t count) {
  if (corners.size() <= count) return;
  std::array<std::size_t, 256> of_score{};
  for (const FastCorner& corner : corners) ++of_score[corner.score];
  std::size_t kept = 0;
  int weakest = 256;
  while (kept < count) kept += of_score[static_cast<std::size_t>(--weakest)];
  std::erase_if(corners, [weakest](const FastCorner& corner) { return corner.score < weakest; });
}

// One step to where all gradients of the neighbourhood point across. Förstner and Gülch, 1987.
void Refine(const GradientSums& sums, OrientedCorner& corner) {
  const double determinant = static_cast<double>(sums.xx * sums.yy - sums.xy * sums.xy);
  if (determinant <= 0) return;
  const double dx = static_cast<double>(sums.yy * sums.x - sums.xy * sums.y) / determinant;
  const double dy = static_cast<double>(sums.xx * sums.y - sums.xy * sums.x) / determinant;
  corner.offset_x_px = static_cast<float>(std::clamp(dx, -1.0, 1.0));
  corner.offset_y_px = static_cast<float>(std::clamp(dy, -1.0, 1.0));
}

struct Ranked {
  FastCorner corner;
  GradientSums sums;
  std::int64_t harris = 0;
};

// Best first by Harris; the order of equals is that of rows.
std::vector<Ranked> RankLevel(const BytePlane& plane, const CornerOptions& options, std::size_t budget) {
  std::vector<FastCorner> corners = FindFastCorners(plane, options.threshold, options.border_px);
  KeepStrongest(corners, kCandidates * budget);
  std::vector<Ranked> ranked;
  ranked.reserve(corners.size());
  for (const FastCorner& corner : corners) {
    const GradientSums sums = SumGradients(plane, corner.x, corner.y);
    ranked.push_back({corner, sums, sums.Harris()});
  }
  if (ranked.size() > budget) {
    std::ranges::nth_element(ranked, ranked.begin() + static_cast<std::ptrdiff_t>(budget), [](const Ranked& a, const Ranked& b) {
      return std::tuple(b.harris, a.corner.y, a.corner.x) < std::tuple(a.harris, b.corner.y, b.corner.x);
    });
    ranked.resize(budget);
    std::ranges::sort(ranked, [](const Ranked& a, const Ranked& b) {
      return std::tie(a.corner.y, a.corner.x) < std::tie(b.corner.y, b.corner.x);
    });
  }
  return ranked;
}

}  // namespace

float Pyramid::ScaleX(int level) const {
  return static_cast<float>(levels[0].width) / static_cast<float>(levels[static_cast<std::size_t>(level)].width);
}

float Pyramid::ScaleY(int level) const {
  return static_cast<float>(levels[0].height) / static_cast<float>(levels[static_cast<std::size_t>(level)].height);
}

Pyramid BuildPyramid(const Image& grey, int max_levels, double factor, int min_side_px) {
  Pyramid pyramid;
  const std::size_t stride = BytePlane::StrideFor(grey.width_px);
  double scale = 1;
  for (int level = 0; level < max_levels; ++level, scale /= factor) {
    const int width_px = static_cast<int>(std::lround(grey.width_px * scale));
    const int height_px = static_cast<int>(std::lround(grey.height_px * scale));
    if (std::min(width_px, height_px) < min_side_px) break;
    BytePlane plane(width_px, height_px, stride);
    cv::Mat to = AsMat(plane);
    if (level == 0) {
      for (int y = 0; y < height_px; ++y) {
        std::copy_n(grey.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_px), width_px,
                    plane.row(y));
      }
    } else {
      cv::resize(AsMat(pyramid.levels.back()), to, to.size(), 0, 0, cv::INTER_LINEAR_EXACT);
    }
    pyramid.levels.push_back(std::move(plane));
  }
  return pyramid;
}

std::vector<OrientedCorner> FindOrientedCorners(const Pyramid& pyramid, const CornerOptions& options) {
  double pixels = 0;
  for (const BytePlane& plane : pyramid.levels) pixels += static_cast<double>(plane.width) * plane.height;
  std::vector<std::vector<Ranked>> of_level(pyramid.levels.size());
  // From the coarsest, so that what it leaves free goes to the finer ones, which have more corners.
  int left = options.max_corners;
  for (std::size_t level = pyramid.levels.size(); level-- > 0;) {
    const BytePlane& plane = pyramid.levels[level];
    const double area = static_cast<double>(plane.width) * plane.height;
    const int budget = static_cast<int>(std::lround(left * area / pixels));
    pixels -= area;
    if (budget > 0) of_level[level] = RankLevel(plane, options, static_cast<std::size_t>(budget));
    left -= static_cast<int>(of_level[level].size());
  }
  std::vector<OrientedCorner> out;
  out.reserve(static_cast<std::size_t>(options.max_corners - left));
  for (std::size_t level = 0; level < of_level.size(); ++level) {
    const BytePlane& plane = pyramid.levels[level];
    for (const Ranked& ranked : of_level[level]) {
      OrientedCorner corner{.level = static_cast<int>(level), .x = ranked.corner.x, .y = ranked.corner.y};
      Refine(ranked.sums, corner);
      corner.turn = CentroidOf(plane, corner.x, corner.y).Turn();
      corner.response = static_cast<float>(ranked.harris);
      out.push_back(corner);
    }
  }
  return out;
}

}  // namespace inlier
