#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>

#include "index/collection.h"

namespace inlier::test {

/// What a database of made items should contain: for each item number, the item's version and the
/// note in its metadata.
struct Held {
  unsigned version = 0;
  unsigned note = 0;
  bool operator==(const Held&) const = default;
};
using Model = std::map<unsigned, Held>;

/// Picks the next change and returns it as a line: "put N:V …", "drop N …", "note N:V",
/// "checkpoint", "rebuild".
std::string MakeChange(const Model& model, std::mt19937& random);
void Apply(const std::string& change, Model& model);
Status Apply(const std::string& change, Collection& collection);

/// Makes item `number` in the given version; different versions have different features.
ItemUpdate MakeVersion(unsigned number, const Held& held);

/// Reads the model back from the records of a collection.
Result<Model> ReadModel(const Collection& collection);

/// Explains why the collection does not match `model`: an item is lost, is only partly there, or is
/// not found by its own photo, or the store and the index disagree. Returns nothing when it
/// matches.
std::optional<std::string> Differs(const Collection& collection, const Model& model);

}  // namespace inlier::test
