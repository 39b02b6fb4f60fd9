#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/item.h"

namespace inlier {

/// One acknowledged change of what a search can find. The store keeps changes in the order of their
/// sequence numbers until an index on disk covers them.
struct Change {
  enum class Kind : std::uint8_t { kAdd = 1, kRemove = 2 } kind = Kind::kAdd;
  FaceNumber face = 0;
};

/// A file of lists, as the manifest names it. The hash is that of its directory, which in turn has
/// a checksum of every list.
struct ListsFile {
  std::string file;  // name within the folder
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;
};

/// A state of the index on disk: its head, and the files of lists that belong to it, oldest first.
struct Generation {
  std::uint64_t number = 0;
  std::string file;  // the head's name within the folder
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;
  std::uint64_t covered_change = 0;  // the last change that it contains
  std::string recipe;
  std::vector<ListsFile> lists;
};

/// What the store counts.
struct Counters {
  std::uint64_t last_change = 0;
  std::uint64_t items = 0;
  std::uint64_t items_without_features = 0;
  std::uint64_t pictures = 0;
  std::uint64_t faces = 0;
  std::uint64_t features = 0;  // of all faces
  ItemNumber next_item = 0;
  FaceNumber next_face = 0;
  /// Twins have been sought for all faces with lower numbers.
  FaceNumber twins_sought = 0;
};

}  // namespace inlier
