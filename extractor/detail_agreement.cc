// Matching asks whether two pictures have keypoints in common. This asks, once it is known where
// the item should be, whether the photo looks like the item at the item's keypoints, whatever the
// photo's own keypoints are. No orientation is needed, since both pictures are in the item's frame,
// and no ratio test, since each keypoint has one place only. So the share is about the same for a
// busy photo and a plain one, for a large catalogue and a small one.
#include "extractor/detail_agreement.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "extractor/gradient_histograms.h"
#include "extractor/root_sift.h"
#include "extractor/sift_pyramid.h"

namespace inlier {
namespace {

constexpr float kContrast = 0.02f;  // of keypoints, of full scale
constexpr std::size_t kMaxKeypoints = 100;
// The squared distance of descriptors with a cosine of .8.
constexpr int kNear = static_cast<int>(0.4f * kRootSiftScale * kRootSiftScale);
// What is known before any keypoint is looked at, and how many keypoints it counts as.
constexpr double kUsualShare = 0.3, kUsualCount = 10;

using Row = std::array<std::uint8_t, kSiftDims>;

Row Describe(const SiftPyramid& pyramid, const Spot& spot) {
  Row row;
  ToRootSift(DescriptorHistogram(pyramid.LevelOf(spot), spot.x, spot.y, spot.sigma_px, 0),
             row.data());
  return row;
}

int SquaredDistance(const Row& a, const Row& b) {
  int sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int difference = a[i] - b[i];
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

double DetailAgreement(const Image& item, const Image& seen) {
  thread_local SiftPyramid of_item, of_seen;
  const auto spots = Strongest(of_item.Search(item, kContrast), kMaxKeypoints);
  of_seen.Prepare(seen);
  const auto alike = std::ranges::count_if(spots, [](const Spot& spot) {
    return SquaredDistance(Describe(of_item, spot), Describe(of_seen, spot)) < kNear;
  });
  const double share = (static_cast<double>(alike) + kUsualShare * kUsualCount) /
                       (static_cast<double>(spots.size()) + kUsualCount);
  of_item.FreeIfLarge();
  of_seen.FreeIfLarge();
  return share;
}

}  // namespace inlier
