#include "benchmarks/affine.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <opencv2/core.hpp>

namespace inlier {
namespace {

constexpr double kRatio = 0.8;
constexpr double kTolerance_px = 3;

// The squared Euclidean distance of byte descriptors, or the Hamming distance of binary ones.
int Distance(const std::uint8_t* a, const std::uint8_t* b, std::size_t bytes, DescriptorKind kind) {
  int sum = 0;
  if (kind == DescriptorKind::kBytes) {
    for (std::size_t i = 0; i < bytes; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
  }
  for (std::size_t i = 0; i < bytes; i += 8) {
    std::uint64_t x, y;
    std::memcpy(&x, a + i, 8);
    std::memcpy(&y, b + i, 8);
    sum += std::popcount(x ^ y);
  }
  return sum;
}

struct Nearest {
  std::size_t index = 0;
  int best = std::numeric_limits<int>::max(), second = std::numeric_limits<int>::max();
  void See(std::size_t i, int distance) {
    if (distance < best) {
      second = best;
      best = distance;
      index = i;
    } else {
      second = std::min(second, distance);
    }
  }
};

}  // namespace

Result<AffineSet> ReadAffineSet(const std::filesystem::path& folder) {
  AffineSet set;
  std::vector<std::filesystem::path> scenes;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ec)) {
    if (entry.is_directory()) scenes.push_back(entry.path());
  }
  if (scenes.empty()) return Fail(ErrorCode::kNotFound, folder.string() + ": no scenes");
  std::sort(scenes.begin(), scenes.end());
  for (const auto& scene : scenes) {
    const std::size_t first = set.images.size();
    for (int number = 1; number <= 6; ++number) {
      INLIER_ASSIGN_OR_RETURN(const Image image,
                              ReadImage(scene / fmt::format("img{}.jpg", number)));
      set.images.push_back(ToGrey(image));
      if (number == 1) continue;
      AffinePair pair{.scene = scene.filename().string(),
                      .number = number,
                      .first = first,
                      .second = set.images.size() - 1};
      const auto truth = scene / fmt::format("H1to{}p.xml", number);
      const cv::FileStorage file(truth.string(), cv::FileStorage::READ);
      cv::Mat h;
      if (file.isOpened()) file.getFirstTopLevelNode() >> h;
      if (h.rows != 3 || h.cols != 3)
        return Fail(ErrorCode::kNotFound, truth.string() + ": no homography");
      h.convertTo(h, CV_64F);
      std::copy_n(h.ptr<double>(), 9, pair.second_from_first.begin());
      set.pairs.push_back(pair);
    }
  }
  return set;
}

MatchCount CountMatches(const Features& first, const Features& second,
                        const std::array<double, 9>& h) {
  std::vector<Nearest> forward(first.size()), backward(second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::size_t j = 0; j < second.size(); ++j) {
      const int d =
          Distance(first.row(i).data(), second.row(j).data(), first.descriptor_bytes, first.kind);
      forward[i].See(j, d);
      backward[j].See(i, d);
    }
  }
  const double ratio = first.kind == DescriptorKind::kBytes ? kRatio * kRatio : kRatio;
  MatchCount count;
  for (std::size_t i = 0; i < first.size() && second.size() > 1; ++i) {
    const Nearest& n = forward[i];
    if (backward[n.index].index != i || n.best >= ratio * n.second) continue;
    ++count.matches;
    const double x = first.keypoints[i].point.x_px, y = first.keypoints[i].point.y_px;
    const double w = h[6] * x + h[7] * y + h[8];
    const double dx = (h[0] * x + h[1] * y + h[2]) / w - second.keypoints[n.index].point.x_px;
    const double dy = (h[3] * x + h[4] * y + h[5]) / w - second.keypoints[n.index].point.y_px;
    count.correct += std::hypot(dx, dy) <= kTolerance_px;
  }
  return count;
}

}  // namespace inlier
