#include "bench/opencv_extractors.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

#include <opencv2/features2d.hpp>

#include "core/mat.h"
#include "extractor/extractor.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

Keypoint ToKeypoint(const cv::KeyPoint& k) {
  return {.point = {k.pt.x, k.pt.y},
          .size_px = k.size,
          .angle_rad = k.angle * std::numbers::pi_v<float> / 180,
          .response = k.response};
}

// The keypoints' numbers, the strongest first.
std::vector<std::size_t> ByStrength(const std::vector<cv::KeyPoint>& keypoints) {
  std::vector<std::size_t> order(keypoints.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(),
                           [&keypoints](std::size_t i) { return keypoints[i].response; });
  return order;
}

class OpenCvSift final : public Extractor {
 public:
  OpenCvSift(const ExtractorOptions& options, bool root)
      : Extractor(options),
        root_(root),
        sift_(cv::SIFT::create(options.max_features, 3, options.contrast_threshold)) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    Features features{.kind = DescriptorKind::kBytes, .descriptor_bytes = 128};
    std::vector<cv::KeyPoint> keypoints;
    cv::Mat rows;
    sift_->detectAndCompute(AsMat(grey), cv::noArray(), keypoints, rows);
    // OpenCV keeps all features that are as strong as the last one within the budget.
    keypoints.resize(std::min(keypoints.size(), static_cast<std::size_t>(options_.max_features)));
    for (const std::size_t i : ByStrength(keypoints)) {
      features.keypoints.push_back(ToKeypoint(keypoints[i]));
      const float* row = rows.ptr<float>(static_cast<int>(i));
      float sum = 0;
      for (int j = 0; j < 128; ++j) sum += row[j];
      for (int j = 0; j < 128; ++j) {
        const float value = root_ ? std::sqrt(row[j] / std::max(sum, 1.0f)) * 510 + 0.5f : row[j];
        features.descriptors.push_back(static_cast<std::uint8_t>(std::min(value, 255.0f)));
      }
    }
    return features;
  }

  bool root_;
  cv::Ptr<cv::SIFT> sift_;
};

class OpenCvOrb final : public Extractor {
 public:
  explicit OpenCvOrb(const ExtractorOptions& options) : Extractor(options) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    constexpr int kPatch = 31, kRowBytes = 32;
    Features features{.kind = DescriptorKind::kBits, .descriptor_bytes = kRowBytes};
    if (std::min(grey.width_px, grey.height_px) <= 2 * kPatch) return features;
    const auto orb =
        cv::ORB::create(options_.max_features, 1.2f, 8, kPatch, 0, 2, cv::ORB::HARRIS_SCORE, kPatch,
                        static_cast<int>(options_.fast_threshold));
    std::vector<cv::KeyPoint> keypoints;
    cv::Mat rows;
    orb->detectAndCompute(AsMat(grey), cv::noArray(), keypoints, rows);
    for (const std::size_t i : ByStrength(keypoints)) {
      features.keypoints.push_back(ToKeypoint(keypoints[i]));
      const std::uint8_t* row = rows.ptr(static_cast<int>(i));
      features.descriptors.insert(features.descriptors.end(), row, row + kRowBytes);
    }
    return features;
  }
};

}  // namespace

void AddOpenCvExtractors() {
  using Made = Result<std::unique_ptr<Extractor>>;
  AddMethod("opencv-sift", [](const ExtractorOptions& o) -> Made {
    return std::make_unique<OpenCvSift>(o, false);
  });
  AddMethod("opencv-rootsift", [](const ExtractorOptions& o) -> Made {
    return std::make_unique<OpenCvSift>(o, true);
  });
  AddMethod("opencv-orb",
            [](const ExtractorOptions& o) -> Made { return std::make_unique<OpenCvOrb>(o); });
}

}  // namespace inlier
