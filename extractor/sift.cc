// SIFT (Lowe, IJCV 2004) with RootSIFT descriptors (Arandjelović and Zisserman, CVPR 2012).
//
// sift_pyramid.h finds the spots of an image. The strongest within the budget get one or two
// orientations and a histogram of gradients for each (gradient_histograms.h), which becomes a row
// of bytes (root_sift.h) and then of coefficients (sift_coefficients.h). The image is doubled only
// when it has few features otherwise.
#include "extractor/sift.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "extractor/gradient_histograms.h"
#include "extractor/root_sift.h"
#include "extractor/sift_coefficients.h"
#include "extractor/sift_pyramid.h"

namespace inlier {
namespace {

constexpr float kPeakShare = 0.8f;  // of the highest peak, for a further orientation: Lowe, §5
constexpr std::size_t kMaxOrientations = 2;

// The orientations of the histogram's peaks, highest first. The parabola through a bin and its
// neighbours gives the peak. Lowe, §5.
std::vector<float> Orientations(const std::array<float, kOrientationBins>& bins) {
  struct Peak {
    float height, angle_rad;
  };
  std::vector<Peak> peaks;
  const float highest = *std::max_element(bins.begin(), bins.end());
  constexpr std::size_t n = kOrientationBins;
  for (std::size_t i = 0; i < n; ++i) {
    const float left = bins[(i + n - 1) % n], at = bins[i], right = bins[(i + 1) % n];
    if (at <= left || at <= right || at < kPeakShare * highest) continue;
    float bin = static_cast<float>(i) + 0.5f * (left - right) / (left - 2 * at + right);
    if (bin < 0) bin += n;
    const float angle = bin * 2 * std::numbers::pi_v<float> / n;
    peaks.push_back({at, angle < 2 * std::numbers::pi_v<float> ? angle : 0});
  }
  std::stable_sort(peaks.begin(), peaks.end(),
                   [](const Peak& a, const Peak& b) { return a.height > b.height; });
  std::vector<float> angles;
  for (const Peak& peak : peaks) {
    if (angles.size() < kMaxOrientations) angles.push_back(peak.angle_rad);
  }
  return angles;
}

class Sift final : public Extractor {
 public:
  explicit Sift(const ExtractorOptions& options) : Extractor(options) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    thread_local SiftPyramid pyramid;
    Features features = ExtractGrey(grey, pyramid);
    pyramid.FreeIfLarge();
    return features;
  }

  Features ExtractGrey(const Image& grey, SiftPyramid& pyramid) const {
    const std::size_t row_bytes = options_.sift_full ? kSiftDims : kSiftCoefficients;
    Features features{.kind = DescriptorKind::kBytes,
                      .descriptor_bytes = static_cast<std::uint16_t>(row_bytes)};
    const auto contrast = static_cast<float>(options_.contrast_threshold);
    const auto budget = static_cast<std::size_t>(options_.max_features);
    std::vector<Spot> spots = Strongest(pyramid.Search(grey, contrast), budget);
    // The doubled image costs four times as much as all other octaves. It is searched when these
    // leave half of the budget over, and only fills what they leave. Its spots must not push out
    // others: two photos of the same thing, one with room in its budget and one without, would then
    // keep different scales of it.
    if (spots.size() < budget / 2) {
      const auto fine = Strongest(pyramid.SearchDoubled(grey, contrast), budget - spots.size());
      spots.insert(spots.end(), fine.begin(), fine.end());
    }
    for (std::size_t i = 0; i < spots.size(); ++i) {
      const Spot& spot = spots[i];
      const Plane& level = pyramid.LevelOf(spot);
      // The next spot may lie anywhere in the image, so its pixels are loaded into the cache while
      // this one is described.
      if (i + 1 < spots.size()) {
        const Spot& next = spots[i + 1];
        PrefetchPatch(pyramid.LevelOf(next), next.pixel_x, next.pixel_y, next.sigma_px);
      }
      for (const float angle :
           Orientations(OrientationHistogram(level, spot.x, spot.y, spot.sigma_px))) {
        if (features.size() == budget) return features;
        features.keypoints.push_back(ToKeypoint(spot, angle));
        features.descriptors.resize(features.size() * row_bytes);
        Describe(DescriptorHistogram(level, spot.x, spot.y, spot.sigma_px, angle),
                 &features.descriptors[(features.size() - 1) * row_bytes]);
      }
    }
    return features;
  }

  void Describe(const std::array<float, kSiftDims>& histogram, std::uint8_t* out) const {
    if (options_.sift_full) return ToRootSift(histogram, out);
    std::array<std::uint8_t, kSiftDims> row{};
    ToRootSift(histogram, row.data());
    ToSiftCoefficients(row.data(), out);
  }

  static Keypoint ToKeypoint(const Spot& spot, float angle_rad) {
    const float scale = std::exp2(static_cast<float>(spot.octave));
    const float shift = spot.octave < 0 ? -0.25f : 0.0f;  // see FromGreyDoubled
    return {.point = {spot.x * scale + shift, spot.y * scale + shift},
            .size_px = 2 * spot.sigma_px * scale,
            .angle_rad = angle_rad,
            .response = spot.bright ? -spot.response : spot.response};
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeSift(const ExtractorOptions& options) {
  return std::make_unique<Sift>(options);
}

}  // namespace inlier
