#pragma once

#include <string>
#include <vector>

namespace inlier::test {

/// How `child fill` ended.
enum FillOutcome {
  kHeld = 0,
  kNeverFull = 2,
  kWrongError = 3,
  kLost = 4,
  kNotReopened = 5,
  kCannotMount = 77
};

/// Runs the child program with these arguments and returns its wait status.
int RunChild(const std::vector<std::string>& arguments);

}  // namespace inlier::test
