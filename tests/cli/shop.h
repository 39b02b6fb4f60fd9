#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>

#include "tests/support/drawn.h"
#include "tests/support/files.h"

namespace inlier::test {

/// What a run of the program left behind.
struct Outcome {
  int exit = -1;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;

  std::vector<std::string> lines() const;  // of `out`
};

/// The program as a user runs it, in a folder of its own that holds a small shop: drawn items mug,
/// tea and map in `items/`, with a table, and photos of them.
class Shop : public testing::Test {
 protected:
  Shop();

  /// Runs it to its end.
  Outcome Inlier(const std::vector<std::string>& arguments, std::string_view input = "") const;
  /// Starts it; `Finish` waits for its end.
  pid_t Start(const std::vector<std::string>& arguments, std::string_view input = "") const;
  Outcome Finish(pid_t process) const;

  /// `index items --db shop.db`, which must go well.
  void Index() const;
  /// Writes a photo in which the item lies tilted.
  void WritePhotoOf(const Image& item, const std::string& name) const;

  std::string File(const std::string& name) const { return (folder_ / name).string(); }

  Image mug_, tea_, map_;

 private:
  TempFolder folder_;
};

std::string ReadText(const std::string& path);

}  // namespace inlier::test
