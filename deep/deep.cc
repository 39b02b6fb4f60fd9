// Method `deep`: an Extractor whose features are regions with embeddings.
//
// DeepModel proposes the regions of an image (detector.h) and embeds them (embedder.h); a
// Projection, if one is named, maps the embeddings to fewer, more distinctive dimensions
// (projection.h); and each vector is stored as bytes (QuantiseDirection). A photo has many regions,
// an item only the whole image: parts of product pictures look like parts of other products
// (docs/adr/0010-deep.md).
#include "deep/deep.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "core/blob.h"
#include "deep/deep_model.h"
#include "deep/projection.h"
#include "deep/xfeat.h"
#include "extractor/methods.h"

namespace inlier {
namespace {

// The projection that the options name, or none where there is nothing to project. Errors:
// kIncompatible when it was learnt with another model.
Result<std::optional<Projection>> ProjectionFor(const ExtractorOptions& options,
                                                const DeepModel& model) {
  if (options.deep_projection.empty()) {
    const auto& parts = model.embedder().parts();
    if (std::ranges::none_of(parts, [](const auto& part) { return part.whitened > 0; }))
      return std::nullopt;
    Projection plain = WithoutWhitening(parts);
    plain.calibration = model.config().calibration;
    return plain;
  }
  INLIER_ASSIGN_OR_RETURN(Projection projection, Projection::Read(options.deep_projection));
  if (projection.model_hash != model.config().hash ||
      projection.in() > static_cast<std::size_t>(model.embedder().dims())) {
    return Fail(ErrorCode::kIncompatible,
                fmt::format("{}: learnt with another model than {}", options.deep_projection,
                            model.config().name));
  }
  return projection;
}

class Deep final : public Extractor {
 public:
  Deep(const ExtractorOptions& options, std::shared_ptr<const DeepModel> model,
       std::optional<Projection> projection)
      : Extractor(options), model_(std::move(model)), projection_(std::move(projection)) {}

  int least_side_px() const override { return 0; }  // regions are cut out at their full size

 private:
  Features ExtractColour(const Image& image) const override {
    return Describe(image, model_->Regions(image));
  }
  Features ExtractItemColour(const Image& image) const override {
    return Describe(image, {{.box = WholeImage(image), .score = 1}});
  }

  Features Describe(const Image& image, const std::vector<Detection>& regions) const {
    const std::size_t dims =
        projection_ ? projection_->dims() : static_cast<std::size_t>(model_->embedder().dims());
    Features features{.kind = DescriptorKind::kEmbedding,
                      .descriptor_bytes = static_cast<std::uint16_t>(dims)};
    for (const Detection& region : regions) {
      std::vector<float> values = model_->embedder().Embed(image, region.box);
      if (projection_) values = projection_->Apply(values);
      features.descriptors.resize(features.descriptors.size() + dims);
      QuantiseDirection(values, &features.descriptors[features.size() * dims]);
      const Box& box = region.box;
      features.keypoints.push_back(
          {.point = {(box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2},
           .size_px = std::max(box.width_px(), box.height_px()),
           .response = region.score});
      features.regions.push_back(box);
    }
    return features;
  }

  std::shared_ptr<const DeepModel> model_;
  std::optional<Projection> projection_;
};

Result<std::unique_ptr<Extractor>> MakeDeep(const ExtractorOptions& options) {
  INLIER_ASSIGN_OR_RETURN(auto model, DeepModel::Load(options.deep_model));
  INLIER_ASSIGN_OR_RETURN(auto projection, ProjectionFor(options, *model));
  return std::make_unique<Deep>(options, std::move(model), std::move(projection));
}

}  // namespace

void AddDeepMethods() {
  static std::once_flag once;
  std::call_once(once, [] {
    AddMethod(std::string(kDeepMethod), MakeDeep);
    AddMethod(std::string(kXfeatMethod), MakeXfeat);
  });
}

Result<DeepIdentity> IdentifyDeep(const ExtractorOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const auto path, FindModel(options.deep_model));
  INLIER_ASSIGN_OR_RETURN(const ModelConfig config, ReadModelConfig(path));
  DeepIdentity identity{.model = config.hash};
  if (!options.deep_projection.empty()) {
    const auto bytes = ReadFileBytes(options.deep_projection, std::int64_t{1} << 32);
    if (!bytes) return Within(options.deep_projection, bytes.error());
    identity.projection = ContentHash(*bytes);
  }
  return identity;
}

Result<Calibration> DeepCalibration(const ExtractorOptions& options) {
  INLIER_ASSIGN_OR_RETURN(const auto model, DeepModel::Load(options.deep_model));
  INLIER_ASSIGN_OR_RETURN(const auto projection, ProjectionFor(options, *model));
  return projection ? projection->calibration : model->config().calibration;
}

}  // namespace inlier
