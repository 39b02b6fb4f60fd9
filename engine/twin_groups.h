#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "core/result.h"
#include "engine/catalogue_view.h"
#include "index/collection.h"
#include "inlier/twins.h"

namespace inlier {

/// Faces that are twins of the first of them, which has the lowest number.
struct TwinSet {
  std::vector<FaceNumber> members;  // ascending
  double likeness = 0;              // the lowest of the first with another
};

/// The faces that have twins or several items, by number. Most faces have neither.
using SharedFaces = std::map<FaceNumber, FaceRecord>;

/// How many faces are read at once at most: shared ones, and all that are looked at.
struct FaceSlice {
  std::size_t shared = 0, looked_at = 0;
};
/// Adds the shared faces of a slice that begins at `begin`. Returns where the next one begins; 0
/// behind the last one. Errors: kCorrupt, kIo.
Result<FaceNumber> ReadShared(const Collection& collection, FaceNumber begin, FaceSlice slice,
                              SharedFaces& shared);

/// Puts pairs together into sets. The face with the lowest number takes all its twins that are in
/// no set yet, and so on, so that every face with a twin is in some set. Twins of twins do not
/// join: in a chain of small differences, the first and the last can be told apart.
std::vector<TwinSet> GroupTwins(std::span<const TwinFaces> pairs);

/// The sets of all shared faces, by their first members: those of GroupTwins, and faces in none of
/// these that have several items. Each has at least two items.
std::vector<TwinSet> SetsOf(const SharedFaces& shared);

/// The groups of items that sets stand for, in their order. `sets` are of SetsOf(shared), or some
/// of these; one whose items have been removed meanwhile is left out. Errors: those of the view.
Result<std::vector<TwinGroup>> GroupsOf(const CatalogueView& view, const SharedFaces& shared,
                                        std::span<const TwinSet> sets);

/// See Engine::Twins.
Result<std::vector<TwinGroup>> TwinGroups(const Collection& collection);

/// How many pictures belong to several ids, how many ids these are, and how many items have a twin
/// that is no copy.
struct TwinCounts {
  std::size_t shared_pictures = 0, ids_of_shared = 0, items_with_twins = 0;
};
Result<TwinCounts> CountTwins(const Collection& collection);

}  // namespace inlier
