#pragma once

#include <chrono>

namespace inlier {

/// The CPU time that all threads of this process have used so far.
double ProcessCpu_ms();

/// The CPU time that the calling thread has used so far.
double ThreadCpu_ms();

/// Measures the wall-clock time that has passed since it was made.
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
