#pragma once

#include <mutex>

namespace inlier {

/// OpenBLAS takes 128 MiB for each thread that calls it at one time, keeps them, and tries for ever
/// when it cannot have them. Under a limit of memory (RLIMIT_AS) the calls therefore take turns
/// while one of these lives, and the first makes sure that the memory is there: std::bad_alloc
/// where it is not. Without such a limit it does nothing. No call of ours may be inside another.
class BlasTurn {
 public:
  BlasTurn();

 private:
  std::unique_lock<std::mutex> turn_;
};

}  // namespace inlier
