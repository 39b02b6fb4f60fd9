#pragma once

#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/files.h"

namespace inlier::test {

/// A catalogue of drawn pictures, and the program `inlier`, which is killed at random moments of
/// index, add, remove and rebuild.
class Commands {
 public:
  /// Runs one command and says what was lost, if anything was.
  std::optional<std::string> Round(std::mt19937& random);
  bool last_was_killed() const { return killed_; }

 private:
  // A command of the program, and the items that are there after it.
  struct Command {
    std::vector<std::string> arguments;
    std::set<std::string> sure, possible;  // when it was killed: what must be there, what may be
    std::set<std::string> done;            // when it ended
  };
  Command Choose(std::mt19937& random) const;
  // Indexes a random part of the pictures, and `number` in any case.
  Command IndexSome(std::mt19937& random, int number) const;
  std::string Picture(int number) const;
  void DrawPictures();
  int Look(const std::string& db, unsigned seed) const;

  TempFolder folder_;
  bool drawn_ = false;
  bool killed_ = false;
  std::set<std::string> items_;  // that are in the database
};

}  // namespace inlier::test
