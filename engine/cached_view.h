#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/catalogue_view.h"

namespace inlier {

/// A view on top of another one, which remembers the faces that it has given out. A query asks for
/// the same ones several times: when it has matched a photo in full, looks again at parts of it,
/// and looks at it with more features. For one query, from one thread.
class CachedView final : public CatalogueView {
 public:
  /// `view` must outlive it.
  explicit CachedView(const CatalogueView& view) : view_(view) {}

  Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options) const override {
    return view_.Search(photo, count, options);
  }
  Result<std::vector<Candidate>> SearchExactly(const Features& photo, int count) const override {
    return view_.SearchExactly(photo, count);
  }
  Result<std::vector<NearFace>> Nearest(const Features& photo, std::size_t space,
                                        int count) const override {
    return view_.Nearest(photo, space, count);
  }
  Result<std::vector<FaceKeypoints>> FetchKeypoints(
      std::span<const FaceNumber> numbers) const override;
  Result<std::vector<std::optional<StoredFace>>> FetchDescriptors(
      std::vector<FaceKeypoints> faces) const override;
  Result<std::vector<std::optional<FaceRecord>>> Faces(
      std::span<const FaceNumber> numbers) const override {
    return view_.Faces(numbers);
  }
  Result<std::vector<std::optional<ItemRecord>>> Items(
      std::span<const ItemNumber> numbers) const override {
    return view_.Items(numbers);
  }
  Result<std::vector<std::vector<ItemNumber>>> Owners(
      std::span<const FaceNumber> numbers) const override {
    return view_.Owners(numbers);
  }

 private:
  const CatalogueView& view_;
  // Nothing for faces that are gone.
  mutable std::unordered_map<FaceNumber, std::optional<FaceKeypoints>> keypoints_;
  mutable std::unordered_map<FaceNumber, std::optional<StoredFace>> whole_;
};

}  // namespace inlier
