#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/catalogue_view.h"
#include "engine/item_filter.h"
#include "index/collection.h"

namespace inlier {

/// One database, as a query sees it. Collection and filter must outlive it.
class DatabaseView final : public CatalogueView {
 public:
  DatabaseView(const Collection& collection, const QueryFilter& filter)
      : collection_(collection), filter_(filter) {}
  /// Everything passes.
  explicit DatabaseView(const Collection& collection);

  Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                        const ShortlistOptions& options) const override;
  Result<std::vector<Candidate>> SearchExactly(const Features& photo, int count) const override;
  Result<std::vector<NearFace>> Nearest(const Features& photo, std::size_t space,
                                        int count) const override;
  Result<std::vector<FaceKeypoints>> FetchKeypoints(
      std::span<const FaceNumber> numbers) const override;
  Result<std::vector<std::optional<StoredFace>>> FetchDescriptors(
      std::vector<FaceKeypoints> faces) const override;
  Result<std::vector<std::optional<FaceRecord>>> Faces(
      std::span<const FaceNumber> numbers) const override;
  Result<std::vector<std::optional<ItemRecord>>> Items(
      std::span<const ItemNumber> numbers) const override;

 private:
  const Collection& collection_;
  const QueryFilter& filter_;
};

}  // namespace inlier
