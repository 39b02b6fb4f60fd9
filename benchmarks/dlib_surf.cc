#include "benchmarks/dlib_surf.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <dlib/array2d.h>
#include <dlib/image_keypoint/surf.h>

namespace inlier {
namespace {

class DlibSurf final : public Extractor {
 public:
  explicit DlibSurf(const ExtractorOptions& options) : Extractor(options) {}

 private:
  Features ExtractGrey(const Image& grey) const override {
    dlib::array2d<unsigned char> image(grey.height_px, grey.width_px);
    for (int y = 0; y < grey.height_px; ++y) {
      const std::uint8_t* row = grey.pixels.data() + static_cast<std::size_t>(y) *
                                                         static_cast<std::size_t>(grey.width_px);
      std::copy_n(row, grey.width_px, &image[y][0]);
    }
    Features features{.kind = DescriptorKind::kBytes, .descriptor_bytes = 64};
    constexpr double kThreshold = 30;  // dlib's default
    for (const dlib::surf_point& p :
         dlib::get_surf_points(image, options_.max_features, kThreshold)) {
      const double turn = std::fmod(p.angle + 4 * std::numbers::pi, 2 * std::numbers::pi);
      features.keypoints.push_back(
          {.point = {static_cast<float>(p.p.center.x()), static_cast<float>(p.p.center.y())},
           .size_px = static_cast<float>(p.p.scale) * 4,
           .angle_rad = static_cast<float>(turn),
           .response = static_cast<float>(p.p.score)});
      for (long i = 0; i < p.des.size(); ++i) {
        features.descriptors.push_back(
            static_cast<std::uint8_t>(std::clamp(std::lround(128 + 254 * p.des(i)), 0L, 255L)));
      }
    }
    return features;
  }
};

}  // namespace

Result<std::unique_ptr<Extractor>> MakeDlibSurf(const ExtractorOptions& options) {
  return std::make_unique<DlibSurf>(options);
}

}  // namespace inlier
