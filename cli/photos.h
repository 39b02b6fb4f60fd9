#pragma once

#include <string>
#include <vector>

namespace inlier::cli {

/// The photos that a command was given.
struct Photos {
  std::vector<std::string> names;
  bool complete = true;  // false when a folder could not be read, or had no picture
};

/// Reads the operands: a file is a photo, a folder stands for the pictures in it and in the folders
/// below it, in the order of their names, and "-" stands for the lines of stdin, each of which
/// names a photo. Complains about what is left out (unless `quiet`) and about what cannot be read.
Photos PhotosFrom(const std::vector<std::string>& operands, bool quiet);

}  // namespace inlier::cli
