#pragma once

#include <chrono>

namespace inlier {

/// CPU time of all threads of this process so far, and of the calling one.
double ProcessCpu_ms();
double ThreadCpu_ms();

/// Starts when it is made.
class Stopwatch {
 public:
  double Wall_ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace inlier
