#pragma once

#include <span>
#include <vector>

#include "core/result.h"
#include "index/collection.h"
#include "inlier/options.h"
#include "inlier/twins.h"

namespace inlier {

/// Two items whose faces cannot be told apart by their pictures.
struct TwinPair {
  ItemNumber first = 0;
  ItemNumber second = 0;  // greater than `first`
  double likeness = 0;    // 0.5 to 1, see LikenessOf in matcher/likeness.h
};

/// Finds the twins of the items with these numbers, among each other and among all others in the
/// collection. Each item asks the index with its strongest features, and only suspects are compared
/// in full. Pairs are sorted, and the same for any number of threads. There are none in a
/// collection of embeddings: a network that was trained to know kinds of things gives siblings the
/// same cosine as twins. Errors: kCorrupt, kIo.
Result<std::vector<TwinPair>> FindTwins(const Collection& collection,
                                        std::span<const ItemNumber> numbers,
                                        const EngineOptions& options, int threads);

/// Items that are twins of the first of them, which has the lowest number.
struct TwinSet {
  std::vector<ItemNumber> members;  // ascending
  double likeness = 0;              // the lowest of the first with another
};

/// Puts pairs together to sets. The item with the lowest number takes all its twins that are in no
/// set yet, and so on. Twins of twins do not join: in a chain of small differences, the first and
/// the last can be told apart.
std::vector<TwinSet> GroupTwins(std::span<const TwinPair> pairs);

/// The sets of twins among all items of a collection, with their ids. Errors: as FindTwins.
Result<std::vector<TwinGroup>> TwinGroups(const Collection& collection,
                                          const EngineOptions& options, int threads);

}  // namespace inlier
