#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/features.h"
#include "core/result.h"
#include "index/candidate.h"
#include "index/item.h"
#include "inlier/item.h"
#include "inlier/options.h"

namespace inlier {

/// The catalogue as one query sees it: the items that pass the query's filter, and their faces. It
/// is one database (engine/database_view.h) or many that hold a part each
/// (engine/shards/sharded_view.h), and gives the same for both. Where a record of a face names
/// items, those that do not pass are left out.
///
/// Each method is one round trip to whoever holds the items, so it takes everything that is wanted
/// at once. Errors of all: kCorrupt, kIo.
class CatalogueView {
 public:
  virtual ~CatalogueView() = default;

  /// The `count` faces that the photo's local features vote for most, best first. Errors:
  /// kInvalidArgument (features of another shape, or a database of embeddings).
  virtual Result<std::vector<Candidate>> Search(const Features& photo, int count,
                                                const ShortlistOptions& options) const = 0;
  /// The same by comparing the photo with every face in full (engine/exact.h).
  virtual Result<std::vector<Candidate>> SearchExactly(const Features& photo, int count) const = 0;
  /// The `count` faces with the row that is nearest to any row of the photo, in one space of
  /// embeddings (see Collection::Nearest). Errors: kInvalidArgument (rows of another shape, or a
  /// database without such a space).
  virtual Result<std::vector<NearFace>> Nearest(const Features& photo, std::size_t space,
                                                int count) const = 0;

  /// These two as in Collection.
  virtual Result<std::vector<FaceKeypoints>> FetchKeypoints(
      std::span<const FaceNumber> numbers) const = 0;
  virtual Result<std::vector<std::optional<StoredFace>>> FetchDescriptors(
      std::vector<FaceKeypoints> faces) const = 0;
  /// What is stored under these numbers, in their order; nothing for what has been removed.
  virtual Result<std::vector<std::optional<FaceRecord>>> Faces(
      std::span<const FaceNumber> numbers) const = 0;
  virtual Result<std::vector<std::optional<ItemRecord>>> Items(
      std::span<const ItemNumber> numbers) const = 0;
  /// The items that have these faces; none for what has been removed. Where a face's twins are not
  /// wanted, this may be less work than Faces, which finds them wherever they lie.
  virtual Result<std::vector<std::vector<ItemNumber>>> Owners(
      std::span<const FaceNumber> numbers) const;
};

/// The owners in records of faces, in their order.
std::vector<std::vector<ItemNumber>> OwnersOf(std::vector<std::optional<FaceRecord>> faces);

/// The whole face with this number; nothing when it has been removed.
Result<std::optional<StoredFace>> FetchWholeFace(const CatalogueView& view, FaceNumber number);

}  // namespace inlier
