#pragma once

#include <span>
#include <vector>

#include "index/item.h"
#include "inlier/answer.h"

namespace inlier {

/// The hypothesis that the photo shows a face, with the evidence for it. The hit's matches are
/// those that its geometry is based on.
struct Hypothesis {
  FaceNumber face = 0;
  // That have the face and may be named, ascending; the first stands for it.
  std::vector<ItemNumber> items;
  std::vector<TwinFace> twins;  // of the face
  Hit hit;                      // what is known without the item's record
  int facing = 0;               // of its item: 0 for the best, and so on for further ones
  bool examined = false;        // its item was matched in full, and not only voted for
};

/// True when an item is in both lists, which are ascending. Thousands of items may share a face.
bool HaveCommonItem(std::span<const ItemNumber> a, std::span<const ItemNumber> b);

/// True when it does not matter which of the two a photo shows: an item has both faces, or they are
/// twins.
bool AreTheSame(const Hypothesis& a, const Hypothesis& b);

}  // namespace inlier
