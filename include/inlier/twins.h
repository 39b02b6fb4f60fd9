#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "inlier/item.h"

namespace inlier {

/// Items of a catalogue whose faces cannot be told apart by their pictures.
struct TwinGroup {
  /// At least two, beginning with the one that was added first. All are twins of that one.
  std::vector<std::string> ids;
  /// The likeness of the first item and the one that is least like it: 1 for equal pictures, 0.5
  /// for pictures that differ as much as twins may.
  double likeness = 0;
  bool copies = false;                  // all of them have the same picture
  std::vector<PictureRecord> pictures;  // of `ids`: those that cannot be told apart
};

/// A part of the list of groups.
struct TwinPage {
  std::vector<TwinGroup> groups;
  std::size_t total = 0;  // groups in the whole list
};

struct TwinListOptions {
  std::size_t offset = 0, limit = 100;
  std::optional<std::string> id;  // only groups with this item
};

}  // namespace inlier
