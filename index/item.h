#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/features.h"
#include "inlier/item.h"

namespace inlier {

/// The number of an item within its database. A number is never given a second time, so that one
/// which is kept (by a search, by a filter) can only ever mean the same item.
using ItemNumber = std::uint32_t;

/// An item that is to be added: its features, and a small picture of it which later checks compare
/// with the photo.
struct NewItem {
  ItemRecord record;
  Features features;
  std::string preview;  // encoded by the engine; opaque here
};

/// What ranking by pose needs of an item. It is an eighth of the item's bytes, and it is read of
/// every item in a shortlist.
struct ItemKeypoints {
  ItemNumber number = 0;
  ItemRecord record;
  Features features;  // everything but the descriptors
};

/// A whole item, as it was added.
struct StoredItem {
  ItemNumber number = 0;
  ItemRecord record;
  Features features;
  std::string preview;
};

/// By item number: true for the items that a search may return. Items beyond its end are held back;
/// an empty filter lets every item pass.
using ItemFilter = std::vector<bool>;

}  // namespace inlier
