#include "extractor/extractor.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/options.h"
#include "extractor/methods.h"

namespace inlier {

namespace {

struct NamedMethod {
  std::string name;
  MakeExtractor make;
};

std::vector<NamedMethod>& Methods() {
  static std::vector<NamedMethod> methods = {
      {"sift", MakeSift},
#ifdef INLIER_HAS_SURF
      {"surf", MakeSurf},
#endif
      {"orb", MakeOrb},
      {"brief", MakeBrief},
  };
  return methods;
}

}  // namespace

std::vector<std::string> MethodNames() {
  std::vector<std::string> names;
  for (const NamedMethod& method : Methods()) names.push_back(method.name);
  return names;
}

void AddMethod(std::string name, MakeExtractor make) {
  for (const NamedMethod& method : Methods()) {
    if (method.name == name) return;
  }
  Methods().push_back({std::move(name), std::move(make)});
}

Result<std::unique_ptr<Extractor>> Extractor::Create(const ExtractorOptions& options) {
  INLIER_RETURN_IF_ERROR(ValidateFields(options, "extract"));
  if (options.min_side_px > options.max_side_px) {
    return Fail(ErrorCode::kInvalidArgument, "extract.min_side_px is above extract.max_side_px");
  }
  for (const NamedMethod& method : Methods()) {
    if (options.method == method.name) return method.make(options);
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("extract.method is '{}'; this build has {}", options.method,
                          fmt::join(MethodNames(), ", ")));
}

namespace {

Features OfImage(Features features, const Image& image) {
  features.image_width_px = static_cast<std::uint32_t>(image.width_px);
  features.image_height_px = static_cast<std::uint32_t>(image.height_px);
  return features;
}

}  // namespace

Features Extractor::Extract(const Image& image) const {
  return OfImage(ExtractColour(image), image);
}
Features Extractor::ExtractItem(const Image& image) const {
  return OfImage(ExtractItemColour(image), image);
}

Features Extractor::ExtractColour(const Image& image) const {
  const int side = std::max(image.width_px, image.height_px);
  const int working_side = std::clamp(side, options_.min_side_px, options_.max_side_px);
  // A grey image of the working size is not copied.
  const Image* working = &image;
  Image grey, resized;
  if (image.channels != 1) working = &(grey = ToGrey(image));
  if (side != working_side) working = &(resized = ResizeLongSide(*working, working_side));
  Features features = ExtractGrey(*working);
  if (side != working_side) {
    // Resizing keeps the outer edges of the border pixels in place, not their centres.
    const float scale = static_cast<float>(side) / static_cast<float>(working_side);
    for (Keypoint& keypoint : features.keypoints) {
      keypoint.point.x_px = (keypoint.point.x_px + 0.5f) * scale - 0.5f;
      keypoint.point.y_px = (keypoint.point.y_px + 0.5f) * scale - 0.5f;
      keypoint.size_px *= scale;
    }
  }
  return features;
}

}  // namespace inlier
