// Method `xfeat`: local features from a network, behind the face of the classical ones.
//
// XFeat knows neither scale nor orientation, while the stages after the extraction propose a pose
// from each match. Scale comes from a pyramid: the network sees the image at several sizes, and a
// keypoint's size is that of its level. Orientation stays 0, as that of BRIEF's upright tests,
// since the network was trained on pictures that are held alike.
#include "deep/xfeat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "deep/xfeat_maps.h"
#include "deep/xfeat_network.h"

namespace inlier {
namespace {

// Between the levels of the pyramid.
constexpr double kFactor = 1.4142135623730951;
// Of a level. A shorter side would be stretched too far to the least that the network takes.
constexpr int kLeastSide_px = 16;
// Of a keypoint in the finest level: two cells, about what its descriptor depends on most.
constexpr float kSize_px = 2 * kXfeatCell_px;
// Rows have unit length before they become bytes, and entries are rarely above 0.5.
constexpr float kByteScale = 250;
constexpr float kZero = 128;

// The maps of a level, and how many pixels of the image one of theirs is.
struct Level {
  XfeatMaps maps;
  float x_scale = 1, y_scale = 1;

  float scale() const { return std::sqrt(x_scale * y_scale); }
  Point InImage(const XfeatPeak& peak) const {
    return {(static_cast<float>(peak.x_px) + 0.5f) * x_scale - 0.5f,
            (static_cast<float>(peak.y_px) + 0.5f) * y_scale - 0.5f};
  }
};

struct Found {
  std::size_t level = 0;
  XfeatPeak peak;
};

// The strongest of all levels, strongest first.
std::vector<Found> Strongest(const std::vector<Level>& levels, float threshold,
                             std::size_t budget) {
  std::vector<Found> found;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    for (const XfeatPeak& peak : FindXfeatPeaks(levels[i].maps, threshold))
      found.push_back({i, peak});
  }
  const auto key = [](const Found& f) {
    return std::tuple(-f.peak.score, f.level, f.peak.y_px, f.peak.x_px);
  };
  const std::size_t kept = std::min(budget, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(kept), found.end(),
                    [&key](const Found& a, const Found& b) { return key(a) < key(b); });
  found.resize(kept);
  return found;
}

class Xfeat final : public Extractor {
 public:
  Xfeat(const ExtractorOptions& options, std::shared_ptr<const XfeatNetwork> network)
      : Extractor(options), network_(std::move(network)) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    Features features{.kind = DescriptorKind::kBytes, .descriptor_bytes = kXfeatDims};
    const std::vector<Level> levels = LevelsOf(grey);
    const auto strongest =
        Strongest(levels, threshold(), static_cast<std::size_t>(options_.max_features));
    features.descriptors.reserve(strongest.size() * kXfeatDims);
    for (const auto& [number, peak] : strongest) {
      const Level& level = levels[number];
      std::array<float, kXfeatDims> row{};
      SampleXfeatDescriptor(level.maps, peak.x_px, peak.y_px, row);
      for (const float v : row) {
        features.descriptors.push_back(
            static_cast<std::uint8_t>(std::clamp(v * kByteScale + kZero + 0.5f, 0.0f, 255.0f)));
      }
      features.keypoints.push_back({.point = level.InImage(peak),
                                    .size_px = kSize_px * level.scale(),
                                    .response = peak.score});
    }
    return features;
  }

  std::vector<Level> LevelsOf(const Image& grey) const {
    std::vector<Level> levels;
    const int long_side_px = std::max(grey.width_px, grey.height_px);
    double share = 1;
    for (int i = 0; i < options_.xfeat_levels; ++i, share /= kFactor) {
      if (std::min(grey.width_px, grey.height_px) * share < kLeastSide_px) break;
      const Image smaller =
          i == 0 ? Image()
                 : ResizeLongSide(grey, static_cast<int>(std::lround(long_side_px * share)));
      XfeatMaps maps = network_->Run(i == 0 ? grey : smaller, threshold());
      const float x_scale = static_cast<float>(grey.width_px) / static_cast<float>(maps.width_px()),
                  y_scale =
                      static_cast<float>(grey.height_px) / static_cast<float>(maps.height_px());
      levels.push_back({std::move(maps), x_scale, y_scale});
    }
    return levels;
  }

  float threshold() const { return static_cast<float>(options_.xfeat_threshold); }

  std::shared_ptr<const XfeatNetwork> network_;
};

}  // namespace

Result<std::unique_ptr<Extractor>> MakeXfeat(const ExtractorOptions& options) {
  INLIER_ASSIGN_OR_RETURN(auto network, XfeatNetwork::Load());
  return std::make_unique<Xfeat>(options, std::move(network));
}

}  // namespace inlier
