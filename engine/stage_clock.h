#pragma once

#include <chrono>

#include "core/clock.h"
#include "inlier/answer.h"

namespace inlier {

/// Measures the stages of one query one after the other, by the wall clock and in CPU time of the
/// calling thread.
class StageClock {
 public:
  /// Adds the time since the last lap to `stage` of the answer, and to the total.
  void Lap(Answer& answer, double Timings::*stage) {
    const auto now = std::chrono::steady_clock::now();
    const double cpu_ms = ThreadCpu_ms();
    const double wall_ms = std::chrono::duration<double, std::milli>(now - last_).count();
    answer.timings.*stage += wall_ms;
    answer.timings.total_ms += wall_ms;
    answer.cpu.*stage += cpu_ms - last_cpu_ms_;
    answer.cpu.total_ms += cpu_ms - last_cpu_ms_;
    last_ = now;
    last_cpu_ms_ = cpu_ms;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  double last_cpu_ms_ = ThreadCpu_ms();
};

}  // namespace inlier
