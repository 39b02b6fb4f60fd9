#include "engine/catalogue_view.h"

#include <array>
#include <utility>

namespace inlier {

Result<std::vector<std::vector<ItemNumber>>> CatalogueView::Owners(
    std::span<const FaceNumber> numbers) const {
  INLIER_ASSIGN_OR_RETURN(auto faces, Faces(numbers));
  return OwnersOf(std::move(faces));
}

std::vector<std::vector<ItemNumber>> OwnersOf(std::vector<std::optional<FaceRecord>> faces) {
  std::vector<std::vector<ItemNumber>> owners;
  for (auto& face : faces)
    owners.push_back(face ? std::move(face->owners) : std::vector<ItemNumber>());
  return owners;
}

Result<std::optional<StoredFace>> FetchWholeFace(const CatalogueView& view, FaceNumber number) {
  INLIER_ASSIGN_OR_RETURN(auto keypoints, view.FetchKeypoints(std::array{number}));
  if (keypoints.empty()) return std::nullopt;
  INLIER_ASSIGN_OR_RETURN(auto whole, view.FetchDescriptors(std::move(keypoints)));
  return std::move(whole.front());
}

}  // namespace inlier
