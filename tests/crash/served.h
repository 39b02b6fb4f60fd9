#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>

#include "tests/support/files.h"

namespace inlier::test {

/// Runs the server with some clients that put, patch and remove items at the same time, and kills
/// it at a random moment or by a power cut. What a client was told is done must be there, and what
/// it was not told about is there as a whole or not at all.
class Served {
 public:
  /// Runs one server and returns a description of what was lost, or nothing if all is well.
  std::optional<std::string> Round(std::mt19937& random, bool power_cut);
  bool last_was_killed() const { return killed_; }
  std::size_t changes() const { return changes_; }

 private:
  // By id, the value of the column "v".
  using Items = std::map<std::string, std::string>;
  struct Change {
    std::string id;
    std::optional<std::string> value;  // absent: removed
  };
  int RunServer(unsigned seed) const;
  static int Look(const std::string& db);

  TempFolder folder_;
  Items items_;
  bool killed_ = false;
  std::size_t changes_ = 0;
};

}  // namespace inlier::test
