#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace inlier {

/// How far long work has come.
struct Progress {
  std::string_view
      stage;  // "extract", "train", "index", "write"; "views" while a projection is learnt
  std::size_t done = 0;  // of `total`: pictures, descriptors or files, as the stage has it
  std::size_t total = 0;
};

/// Called from one thread at a time. What it does takes time away from the work.
using ProgressFunction = std::function<void(const Progress&)>;

}  // namespace inlier
