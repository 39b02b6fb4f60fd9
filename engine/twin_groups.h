#pragma once

#include <span>
#include <vector>

#include "core/result.h"
#include "index/collection.h"
#include "inlier/twins.h"

namespace inlier {

/// Faces that are twins of the first of them, which has the lowest number.
struct TwinSet {
  std::vector<FaceNumber> members;  // ascending
  double likeness = 0;              // the lowest of the first with another
};

/// Puts pairs together to sets. The face with the lowest number takes all its twins that are in no
/// set yet, and so on, so that every face with a twin is in some set. Twins of twins do not join:
/// in a chain of small differences, the first and the last can be told apart.
std::vector<TwinSet> GroupTwins(std::span<const TwinFaces> pairs);

/// See Engine::Twins.
Result<std::vector<TwinGroup>> TwinGroups(const Collection& collection);

/// How many pictures stand under several ids, how many ids these are, and how many items have a
/// twin that is no copy.
struct TwinCounts {
  std::size_t shared_pictures = 0, ids_of_shared = 0, items_with_twins = 0;
};
Result<TwinCounts> CountTwins(const Collection& collection);

}  // namespace inlier
