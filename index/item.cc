#include "index/item.h"

#include <algorithm>

namespace inlier {

std::vector<FaceNumber> FacesOf(const ItemRecord& item) {
  std::vector<FaceNumber> faces;
  for (const PictureRecord& picture : item.pictures) faces.push_back(picture.face);
  std::ranges::sort(faces);
  const auto rest = std::ranges::unique(faces);
  faces.erase(rest.begin(), rest.end());
  return faces;
}

}  // namespace inlier
