#pragma once

#include <string>
#include <vector>

#include "inlier/item.h"

namespace inlier {

/// Items of a catalogue whose faces cannot be told apart by their pictures.
struct TwinGroup {
  /// At least two, the one that was added first in front. All are twins of that one.
  std::vector<std::string> ids;
  /// Of the first item and the one that is least like it: 1 for equal pictures, 0.5 for pictures
  /// that differ as much as twins may.
  double likeness = 0;
  bool copies = false;                  // all of them have the same picture
  std::vector<PictureRecord> pictures;  // of `ids`: those that cannot be told apart
};

}  // namespace inlier
