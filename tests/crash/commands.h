#pragma once

#include <optional>
#include <random>
#include <set>
#include <string>

#include "tests/support/files.h"

namespace inlier::test {

/// A catalogue of drawn pictures, and the program `inlier` that is killed at random moments of
/// index, add, remove and rebuild.
class Commands {
 public:
  /// What was lost, if anything was.
  std::optional<std::string> Round(std::mt19937& random);
  bool last_was_killed() const { return killed_; }

 private:
  std::string Picture(int number) const;
  void DrawPictures();
  int Look(const std::string& db, unsigned seed) const;

  TempFolder folder_;
  bool drawn_ = false;
  bool killed_ = false;
  std::set<std::string> items_;
};

}  // namespace inlier::test
