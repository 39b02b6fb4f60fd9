#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace inlier::cli {

/// Shows on stderr how far a long task is: one line kept up to date on a terminal, else a line
/// every two seconds. Tasks of under two seconds show nothing. Safe to call from many threads.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `done` of `total` steps of `stage`. With 0 or 1 steps in all the time spent is shown instead.
  void Update(std::string_view stage, std::size_t done = 0, std::size_t total = 0);

 private:
  using Clock = std::chrono::steady_clock;
  void Run();
  std::string Line() const;  // under mutex_

  std::mutex mutex_;
  std::condition_variable stop_requested_;
  bool stop_ = false;
  std::string stage_;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
  Clock::time_point stage_start_;
  bool terminal_ = false;
  std::thread thread_;
};

}  // namespace inlier::cli
