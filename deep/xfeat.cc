// Method `xfeat`: local features from a network, behind the same interface as the classical ones.
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
constexpr int kMinSide_px = 16;
// Of a keypoint in the finest level: two cells, about what its descriptor depends on most.
constexpr float kSize_px = 2 * kXfeatCell_px;
// A keypoint this near to a stronger one, in pixels of the finer of the two levels, is left out:
// two levels often find the same corner, and their nearly equal descriptors would rule each other
// out in the ratio test.
constexpr float kSamePlace_px = 4;
// Rows have unit length before they become bytes, and entries are rarely above 0.5.
constexpr float kByteScale = 250;
constexpr float kZero = 128;

// The maps of a level of an image, and how many pixels of the image one pixel of the maps covers.
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
  Point at;
  float scale = 1;
};

// Chains of the features that are kept, one for each cell of a grid. A cell is as wide as what
// counts as one place, so those of the same place are in the same or in neighbouring cells.
class Places {
 public:
  Places(int width_px, int height_px, float cell_px)
      : cell_px_(cell_px),
        columns_(static_cast<int>(static_cast<float>(width_px) / cell_px) + 3),
        last_(static_cast<std::size_t>(columns_) *
                  (static_cast<std::size_t>(static_cast<float>(height_px) / cell_px) + 3),
              kNone) {}

  // False when a feature that is kept has this place already. Otherwise this one is kept, too.
  bool Keep(const Found& found) {
    const int cx = Cell(found.at.x_px), cy = Cell(found.at.y_px);
    for (int y = cy - 1; y <= cy + 1; ++y) {
      for (int x = cx - 1; x <= cx + 1; ++x) {
        for (int i = Last(x, y); i != kNone; i = kept_[static_cast<std::size_t>(i)].before) {
          if (SamePlace(kept_[static_cast<std::size_t>(i)], found)) return false;
        }
      }
    }
    kept_.push_back({found.at, found.scale, Last(cx, cy)});
    Last(cx, cy) = static_cast<int>(kept_.size()) - 1;
    return true;
  }

 private:
  static constexpr int kNone = -1;
  struct Kept {
    Point at;
    float scale;
    int before;
  };

  static bool SamePlace(const Kept& kept, const Found& found) {
    const float dx = kept.at.x_px - found.at.x_px, dy = kept.at.y_px - found.at.y_px;
    const float near = kSamePlace_px * std::min(kept.scale, found.scale);
    return dx * dx + dy * dy < near * near;
  }
  int Cell(float at_px) const { return static_cast<int>((at_px + 0.5f) / cell_px_) + 1; }
  int& Last(int x, int y) { return last_[static_cast<std::size_t>(y * columns_ + x)]; }

  float cell_px_;
  int columns_;
  std::vector<int> last_;
  std::vector<Kept> kept_;
};

// The strongest of all levels, strongest first, and one at each place.
std::vector<Found> Strongest(const std::vector<Level>& levels, const Image& image, float threshold,
                             std::size_t budget) {
  std::vector<Found> all, kept;
  float coarsest = 1;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Level& level = levels[i];
    coarsest = std::max(coarsest, level.scale());
    for (const XfeatPeak& peak : FindXfeatPeaks(level.maps, threshold))
      all.push_back({i, peak, level.InImage(peak), level.scale()});
  }
  const auto key = [](const Found& f) {
    return std::tuple(-f.peak.score, f.level, f.peak.y_px, f.peak.x_px);
  };
  std::sort(all.begin(), all.end(),
            [&key](const Found& a, const Found& b) { return key(a) < key(b); });
  Places places(image.width_px, image.height_px, kSamePlace_px * coarsest);
  for (const Found& found : all) {
    if (kept.size() == budget) break;
    if (places.Keep(found)) kept.push_back(found);
  }
  return kept;
}

class Xfeat final : public Extractor {
 public:
  Xfeat(const ExtractorOptions& options, std::shared_ptr<const XfeatNetwork> network)
      : Extractor(options), network_(std::move(network)) {}

  bool upright() const override { return true; }

 private:
  Features ExtractGrey(const Image& grey) const override {
    Features features{.kind = DescriptorKind::kBytes, .descriptor_bytes = kXfeatDims};
    const std::vector<Level> levels = LevelsOf(grey);
    const auto strongest =
        Strongest(levels, grey, threshold(), static_cast<std::size_t>(options_.max_features));
    features.descriptors.reserve(strongest.size() * kXfeatDims);
    for (const Found& found : strongest) {
      std::array<float, kXfeatDims> row{};
      SampleXfeatDescriptor(levels[found.level].maps, found.peak.x_px, found.peak.y_px, row);
      for (const float v : row) {
        features.descriptors.push_back(
            static_cast<std::uint8_t>(std::clamp(v * kByteScale + kZero + 0.5f, 0.0f, 255.0f)));
      }
      features.keypoints.push_back(
          {.point = found.at, .size_px = kSize_px * found.scale, .response = found.peak.score});
    }
    return features;
  }

  std::vector<Level> LevelsOf(const Image& grey) const {
    std::vector<Level> levels;
    const int long_side_px = std::max(grey.width_px, grey.height_px);
    double share = 1;
    for (int i = 0; i < options_.xfeat_levels; ++i, share /= kFactor) {
      if (std::min(grey.width_px, grey.height_px) * share < kMinSide_px) break;
      Image smaller;
      if (i > 0)
        smaller = ResizeLongSide(grey, static_cast<int>(std::lround(long_side_px * share)));
      Level level{network_->Run(i == 0 ? grey : smaller, threshold())};
      level.x_scale = static_cast<float>(grey.width_px) / static_cast<float>(level.maps.width_px());
      level.y_scale =
          static_cast<float>(grey.height_px) / static_cast<float>(level.maps.height_px());
      levels.push_back(std::move(level));
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
