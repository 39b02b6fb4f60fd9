// Compares two pictures on their own, whatever else is in the database.
#include "engine/compare.h"

#include <utility>

#include "core/image.h"
#include "engine/preview.h"
#include "engine/retrievals.h"
#include "engine/threads.h"
#include "extractor/methods.h"
#include "inlier/engine.h"

namespace inlier {

Result<Comparison> CompareWithFace(const Extractor& extractor, const Retrieval& retrieval,
                                   const Image& photo, const StoredFace& face) {
  INLIER_ASSIGN_OR_RETURN(Comparison comparison,
                          retrieval.Compare(photo, extractor.Extract(photo), face));
  comparison.photo_width_px = FullWidth_px(photo);
  comparison.photo_height_px = FullHeight_px(photo);
  comparison.item_width_px = static_cast<int>(face.features.image_width_px);
  comparison.item_height_px = static_cast<int>(face.features.image_height_px);
  if (comparison.hit) {
    comparison.hit->picture.width_px = face.features.image_width_px;
    comparison.hit->picture.height_px = face.features.image_height_px;
  }
  return comparison;
}

Result<Comparison> CompareImages(const Image& photo, const Image& item,
                                 const EngineOptions& options) {
  if (photo.empty() || item.empty()) return Fail(ErrorCode::kBadImage, "an image without pixels");
  UseSingleThreadedLibraries();
  INLIER_RETURN_IF_ERROR(Validate(options));
  INLIER_ASSIGN_OR_RETURN(const auto extractor, CreateExtractor(options.extract));
  INLIER_ASSIGN_OR_RETURN(const auto retrieval, MakeRetrieval(options));
  const StoredFace face{.features = extractor->ExtractItem(item), .preview = MakePreview(item)};
  return CompareWithFace(*extractor, *retrieval, photo, face);
}

Result<std::optional<Hit>> MatchImages(const Image& photo, const Image& item,
                                       const EngineOptions& options) {
  INLIER_ASSIGN_OR_RETURN(Comparison comparison, CompareImages(photo, item, options));
  return std::move(comparison.hit);
}

}  // namespace inlier
