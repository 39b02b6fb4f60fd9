#include "engine/cached_view.h"

#include <utility>

namespace inlier {

Result<std::vector<FaceKeypoints>> CachedView::FetchKeypoints(
    std::span<const FaceNumber> numbers) const {
  std::vector<FaceNumber> unknown;
  for (const FaceNumber number : numbers) {
    if (keypoints_.try_emplace(number).second) unknown.push_back(number);
  }
  if (!unknown.empty()) {
    auto fetched = view_.FetchKeypoints(unknown);
    if (!fetched) {
      for (const FaceNumber number : unknown) keypoints_.erase(number);
      return tl::unexpected(fetched.error());
    }
    for (FaceKeypoints& face : *fetched) {
      const FaceNumber number = face.number;
      keypoints_[number] = std::move(face);
    }
  }
  std::vector<FaceKeypoints> faces;
  faces.reserve(numbers.size());
  for (const FaceNumber number : numbers) {
    if (const auto& face = keypoints_.at(number)) faces.push_back(*face);
  }
  return faces;
}

Result<std::vector<std::optional<StoredFace>>> CachedView::FetchDescriptors(
    std::vector<FaceKeypoints> faces) const {
  std::vector<FaceNumber> numbers;
  std::vector<FaceKeypoints> unknown;
  for (FaceKeypoints& face : faces) {
    numbers.push_back(face.number);
    if (!whole_.contains(face.number)) unknown.push_back(std::move(face));
  }
  if (!unknown.empty()) {
    std::vector<FaceNumber> asked;
    for (const FaceKeypoints& face : unknown) asked.push_back(face.number);
    INLIER_ASSIGN_OR_RETURN(auto fetched, view_.FetchDescriptors(std::move(unknown)));
    for (std::size_t i = 0; i < asked.size(); ++i) whole_[asked[i]] = std::move(fetched[i]);
  }
  std::vector<std::optional<StoredFace>> whole;
  whole.reserve(numbers.size());
  for (const FaceNumber number : numbers) whole.push_back(whole_.at(number));
  return whole;
}

}  // namespace inlier
