#pragma once

#include <string>
#include <vector>

namespace inlier {

/// The names for a person to read: "a, b and c". Of very many it gives the first ones and how many
/// more there are, since one picture may belong to hundreds of ids.
std::string SomeOf(const std::vector<std::string>& names);

}  // namespace inlier
