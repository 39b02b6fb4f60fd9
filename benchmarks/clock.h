#pragma once

#include <chrono>
#include <cstdint>

namespace inlier {

/// CPU time of all threads of this process so far, and of the calling one.
double ProcessCpu_ms();
double ThreadCpu_ms();

/// Starts when it is made.
class Stopwatch {
 public:
  double Wall_ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Gives freed memory back and starts the peak anew; returns what is resident now. Where the system does not tell, 0.
std::uint64_t ResetPeakMemory();
/// The most that was resident since then.
std::uint64_t PeakMemory_bytes();

}  // namespace inlier
