#include "index/item.h"

#include <algorithm>

namespace inlier {

bool IsSamePicture(const PictureRecord& a, const PictureRecord& b) {
  return NameOf(a) == NameOf(b) || a.content_hash == b.content_hash;
}

std::vector<FaceNumber> FacesOf(const ItemRecord& item) {
  std::vector<FaceNumber> faces;
  for (const PictureRecord& picture : item.pictures) faces.push_back(picture.face);
  std::ranges::sort(faces);
  faces.erase(std::unique(faces.begin(), faces.end()), faces.end());
  return faces;
}

}  // namespace inlier
