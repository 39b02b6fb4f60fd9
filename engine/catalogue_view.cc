#include "engine/catalogue_view.h"

#include <array>
#include <utility>

namespace inlier {

Result<std::optional<StoredFace>> FetchWholeFace(const CatalogueView& view, FaceNumber number) {
  INLIER_ASSIGN_OR_RETURN(auto keypoints, view.FetchKeypoints(std::array{number}));
  if (keypoints.empty()) return std::nullopt;
  INLIER_ASSIGN_OR_RETURN(auto whole, view.FetchDescriptors(std::move(keypoints)));
  return std::move(whole.front());
}

}  // namespace inlier
