#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier::test {

/// What a run of the program returned and printed.
struct Outcome {
  int exit = -1;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;

  std::vector<std::string> lines() const;  // the lines of `out`
};

/// Runs the program as a user does, in a folder of its own that holds a small shop: the drawn items
/// mug, tea and map in `items/` with their table, and photos of them.
class Shop : public testing::Test {
 protected:
  Shop();

  /// Runs the program until it ends.
  Outcome Inlier(const std::vector<std::string>& arguments, std::string_view input = "") const;
  /// Starts the program; `Finish` waits until it ends.
  pid_t Start(const std::vector<std::string>& arguments, std::string_view input = "") const;
  Outcome Finish(pid_t process) const;

  /// Holds programs that are started from now on to a limit of setrlimit(), in place of the one
  /// before.
  void Limit(int resource, rlim_t soft, rlim_t hard);

  /// Runs 'inlier index items --db shop.db', which must succeed.
  void Index() const;
  /// Writes a photo that shows the item, scaled and rotated.
  void WritePhotoOf(const Image& item, const std::string& name) const;

  std::string File(const std::string& name) const { return (folder_ / name).string(); }

  Image mug_, tea_, map_;

 private:
  TempFolder folder_;
  std::optional<std::pair<int, rlimit>> limit_;
};

std::string ReadText(const std::string& path);

}  // namespace inlier::test
