#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>

#include "index/collection.h"

namespace inlier::test {

/// What a database of made items should hold: of each number its version and the note in its
/// metadata.
struct Held {
  unsigned version = 0;
  unsigned note = 0;
  bool operator==(const Held&) const = default;
};
using Model = std::map<unsigned, Held>;

/// The next change, as a line: "put N:V …", "drop N …", "note N:V", "checkpoint", "rebuild".
std::string MakeChange(const Model& model, std::mt19937& random);
void Apply(const std::string& change, Model& model);
Status Apply(const std::string& change, Collection& collection);

/// Item `number` in its version; different versions have different features.
NewItem MakeVersion(unsigned number, const Held& held);

/// What the records of a collection say.
Result<Model> ReadModel(const Collection& collection);

/// Why the collection does not hold `model`: an item that is lost, is there by half, does not
/// answer its own photo; store and index that do not agree. Nothing when it does.
std::optional<std::string> Differs(const Collection& collection, const Model& model);

}  // namespace inlier::test
