#include "engine/database_view.h"

#include <utility>

#include "engine/exact.h"

namespace inlier {
namespace {

const QueryFilter kEverything;

}  // namespace

DatabaseView::DatabaseView(const Collection& collection) : DatabaseView(collection, kEverything) {}

Result<std::vector<Candidate>> DatabaseView::Search(const Features& photo, int count,
                                                    const ShortlistOptions& options) const {
  return collection_.Search(photo, count, options, filter_.faces);
}

Result<std::vector<Candidate>> DatabaseView::SearchExactly(const Features& photo, int count) const {
  INLIER_ASSIGN_OR_RETURN(const ExactNeighbours nearest,
                          FindNeighbours(collection_, photo, filter_.faces));
  return VoteExactly(nearest, count);
}

Result<std::vector<NearFace>> DatabaseView::Nearest(const Features& photo, std::size_t space,
                                                    int count) const {
  return collection_.Nearest(photo, space, count, filter_.faces);
}

Result<std::vector<FaceKeypoints>> DatabaseView::FetchKeypoints(
    std::span<const FaceNumber> numbers) const {
  INLIER_ASSIGN_OR_RETURN(auto faces, collection_.FetchKeypoints(numbers));
  for (FaceKeypoints& face : faces) filter_.KeepPassing(face.record);
  return faces;
}

Result<std::vector<std::optional<StoredFace>>> DatabaseView::FetchDescriptors(
    std::vector<FaceKeypoints> faces) const {
  return collection_.FetchDescriptors(std::move(faces));
}

Result<std::vector<std::optional<FaceRecord>>> DatabaseView::Faces(
    std::span<const FaceNumber> numbers) const {
  std::vector<std::optional<FaceRecord>> faces;
  for (const FaceNumber number : numbers) {
    INLIER_ASSIGN_OR_RETURN(auto face, collection_.Face(number));
    if (face) filter_.KeepPassing(*face);
    faces.push_back(std::move(face));
  }
  return faces;
}

Result<std::vector<std::optional<ItemRecord>>> DatabaseView::Items(
    std::span<const ItemNumber> numbers) const {
  std::vector<std::optional<ItemRecord>> items;
  for (const ItemNumber number : numbers) {
    INLIER_ASSIGN_OR_RETURN(auto item, collection_.Record(number));
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace inlier
