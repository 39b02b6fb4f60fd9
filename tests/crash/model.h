#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "index/collection.h"

namespace inlier::test {

/// What an item should hold: its pictures by their numbers, in their order, and the note in its
/// metadata. Pictures of different numbers have different features.
struct Held {
  std::vector<unsigned> pictures;
  unsigned note = 0;
  bool operator==(const Held&) const = default;
};

/// What a database of made items should contain: the items by number, and the pairs of pictures
/// that are twins, the smaller number first.
struct Model {
  std::map<unsigned, Held> items;
  std::set<std::pair<unsigned, unsigned>> twins;
  bool operator==(const Model&) const = default;
};

/// Picks the next change and returns it as a line:
///   put N:P …    items that are new or replaced; one that stands there twice has two pictures, and
///                a picture that stands with two items is shared by them
///   drop N       removes an item
///   note N:V     changes the metadata alone
///   add N:P      adds a picture to an item, or moves one that it has to the end
///   cut N:P      removes one of an item's pictures
///   twin N M     makes twins of the first pictures of two items
///   checkpoint
///   rebuild
std::string MakeChange(const Model& model, std::mt19937& random);
void Apply(const std::string& change, Model& model);
Status Apply(const std::string& change, Collection& collection);

std::string ItemId(unsigned number);
/// Makes the picture of this number. Its features, its pixels and its name follow from the number.
NewPicture MakePicture(unsigned picture);
Features MakePhotoOf(unsigned picture);
/// Makes an item as the model has it.
ItemUpdate MakeHeld(unsigned number, const Held& held);

/// Reads the model back from the records of a collection.
Result<Model> ReadModel(const Collection& collection);

/// Explains why the collection does not match `model`: an item is lost, is only partly there, or is
/// not found by its own photo, or the store and the index disagree. Returns nothing when it
/// matches.
std::optional<std::string> Differs(const Collection& collection, const Model& model);

}  // namespace inlier::test
