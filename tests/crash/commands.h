#pragma once

#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/files.h"

namespace inlier::test {

/// Runs the program `inlier` on a catalogue of drawn pictures and kills it at random moments of
/// index, add, remove and rebuild.
class Commands {
 public:
  /// Runs one command and returns a description of what was lost, or nothing if all is well.
  std::optional<std::string> Round(std::mt19937& random);
  bool last_was_killed() const { return killed_; }

 private:
  // A command of the program, and the items that are in the database after it.
  struct Command {
    std::vector<std::string> arguments;
    std::set<std::string> sure, possible;  // when it was killed: what must be there, what may be
    std::set<std::string> done;            // when it ended
  };
  Command Choose(std::mt19937& random) const;
  // Indexes a random part of the pictures, which always includes `number`.
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
