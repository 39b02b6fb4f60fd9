#include <algorithm>
#include <cstring>
#include <numbers>

#include <opencv2/features2d.hpp>

#include "extractor/methods.h"

namespace inlier {
namespace {

constexpr int kRowBytes = 32;
constexpr int kPatch = 31;

class Orb final : public Extractor {
 public:
  explicit Orb(const ExtractorOptions& options) : Extractor(options) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    Features features{.kind = DescriptorKind::kBits, .descriptor_bytes = kRowBytes};
    if (std::min(grey.width_px, grey.height_px) <= 2 * kPatch) return features;
    const cv::Ptr<cv::ORB> orb =
        cv::ORB::create(options_.max_features, 1.2f, 8, kPatch, 0, 2, cv::ORB::HARRIS_SCORE, kPatch,
                        static_cast<int>(options_.fast_threshold));
    std::vector<cv::KeyPoint> keypoints;
    cv::Mat rows;
    const cv::Mat image(grey.height_px, grey.width_px, CV_8UC1,
                        const_cast<std::uint8_t*>(grey.pixels.data()));
    orb->detectAndCompute(image, cv::noArray(), keypoints, rows);
    features.descriptors.resize(keypoints.size() * kRowBytes);
    for (std::size_t i = 0; i < keypoints.size(); ++i) {
      const cv::KeyPoint& k = keypoints[i];
      features.keypoints.push_back({.point = {k.pt.x, k.pt.y},
                                    .size_px = k.size,
                                    .angle_rad = k.angle * std::numbers::pi_v<float> / 180,
                                    .response = k.response});
      std::memcpy(features.descriptors.data() + i * kRowBytes, rows.ptr(static_cast<int>(i)),
                  kRowBytes);
    }
    return features;
  }
};

}  // namespace

std::unique_ptr<Extractor> MakeOrb(const ExtractorOptions& options) {
  return std::make_unique<Orb>(options);
}

}  // namespace inlier
